# Image of daemon, webserver and workers of a fleet. Build the image of deploy/Dockerfile first:
# docker build --tag bizy-assets --file deploy/Dockerfile .
FROM bizy-assets

USER root
RUN /opt/bizy-assets/.venv/bin/pip install --no-cache-dir --require-hashes --requirement /opt/bizy-assets/deploy/fleet-requirements.txt \
    && install -d -m 0700 -o bizy -g bizy /var/lib/bizy-assets/fleet \
    && ln -s /opt/bizy-assets/bizy_assets/fleet/dagster.yaml /var/lib/bizy-assets/fleet/dagster.yaml
USER bizy
