"""Random histories of migrations, compared with a plain model of what each job must do."""
