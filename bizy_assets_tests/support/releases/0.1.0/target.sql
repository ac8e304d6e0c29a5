--
-- PostgreSQL database dump
--


-- Dumped from database version 16.14
-- Dumped by pg_dump version 16.14

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: bizy_migration; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA bizy_migration;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: adopted; Type: TABLE; Schema: bizy_migration; Owner: -
--

CREATE TABLE bizy_migration.adopted (
    table_name text NOT NULL,
    id integer NOT NULL,
    run integer NOT NULL,
    before json NOT NULL
);


--
-- Name: creations; Type: TABLE; Schema: bizy_migration; Owner: -
--

CREATE TABLE bizy_migration.creations (
    kind text NOT NULL,
    table_name text NOT NULL,
    name text NOT NULL
);


--
-- Name: ledger_business_plans; Type: TABLE; Schema: bizy_migration; Owner: -
--

CREATE TABLE bizy_migration.ledger_business_plans (
    id integer NOT NULL,
    hash uuid NOT NULL,
    run integer NOT NULL,
    state text
);


--
-- Name: ledger_daily_logs; Type: TABLE; Schema: bizy_migration; Owner: -
--

CREATE TABLE bizy_migration.ledger_daily_logs (
    id integer NOT NULL,
    hash uuid NOT NULL,
    run integer NOT NULL,
    state text
);


--
-- Name: ledger_goals; Type: TABLE; Schema: bizy_migration; Owner: -
--

CREATE TABLE bizy_migration.ledger_goals (
    id integer NOT NULL,
    hash uuid NOT NULL,
    run integer NOT NULL,
    state text
);


--
-- Name: ledger_metrics; Type: TABLE; Schema: bizy_migration; Owner: -
--

CREATE TABLE bizy_migration.ledger_metrics (
    id integer NOT NULL,
    hash uuid NOT NULL,
    run integer NOT NULL,
    state text
);


--
-- Name: ledger_research; Type: TABLE; Schema: bizy_migration; Owner: -
--

CREATE TABLE bizy_migration.ledger_research (
    id integer NOT NULL,
    hash uuid NOT NULL,
    run integer NOT NULL,
    state text
);


--
-- Name: ledger_tasks; Type: TABLE; Schema: bizy_migration; Owner: -
--

CREATE TABLE bizy_migration.ledger_tasks (
    id integer NOT NULL,
    hash uuid NOT NULL,
    run integer NOT NULL,
    state text
);


--
-- Name: loads; Type: TABLE; Schema: bizy_migration; Owner: -
--

CREATE TABLE bizy_migration.loads (
    run integer NOT NULL,
    table_name text NOT NULL,
    loaded_at timestamp without time zone NOT NULL,
    skipped_ids bigint[] NOT NULL,
    basis text NOT NULL,
    source_rows bigint NOT NULL,
    inserted bigint NOT NULL,
    updated bigint NOT NULL,
    unchanged bigint NOT NULL,
    kept bigint NOT NULL,
    left_deleted bigint NOT NULL,
    quarantined bigint NOT NULL,
    deleted bigint NOT NULL,
    outlived bigint NOT NULL,
    adopted bigint NOT NULL
);


--
-- Name: rejected_rows; Type: TABLE; Schema: bizy_migration; Owner: -
--

CREATE TABLE bizy_migration.rejected_rows (
    source text NOT NULL,
    table_name text NOT NULL,
    "position" bigint NOT NULL,
    column_name text NOT NULL,
    source_id bigint,
    rule text NOT NULL,
    raw bytea,
    "row" json NOT NULL,
    run_id text NOT NULL,
    rejected_at timestamp without time zone NOT NULL
);


--
-- Name: repairs; Type: TABLE; Schema: bizy_migration; Owner: -
--

CREATE TABLE bizy_migration.repairs (
    source text NOT NULL,
    table_name text NOT NULL,
    source_id bigint NOT NULL,
    column_name text NOT NULL,
    rule text NOT NULL,
    raw text,
    written text,
    run_id text NOT NULL
);


--
-- Name: runs; Type: TABLE; Schema: bizy_migration; Owner: -
--

CREATE TABLE bizy_migration.runs (
    id integer NOT NULL,
    run_id text NOT NULL,
    source text NOT NULL,
    snapshot_path text NOT NULL,
    snapshot_sha256 text NOT NULL,
    snapshot_taken_at timestamp without time zone NOT NULL,
    zone text NOT NULL,
    tasks_local_since timestamp without time zone NOT NULL,
    user_id integer NOT NULL,
    started_at timestamp without time zone NOT NULL,
    ended_at timestamp without time zone,
    outcome text
);


--
-- Name: sequence_moves; Type: TABLE; Schema: bizy_migration; Owner: -
--

CREATE TABLE bizy_migration.sequence_moves (
    table_name text NOT NULL,
    value_before bigint NOT NULL,
    called_before boolean NOT NULL,
    value_after bigint NOT NULL
);


--
-- Name: version; Type: TABLE; Schema: bizy_migration; Owner: -
--

CREATE TABLE bizy_migration.version (
    number integer NOT NULL
);


--
-- Name: business_plans; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.business_plans (
    id integer NOT NULL,
    user_id integer NOT NULL,
    name character varying(255),
    version character varying(50),
    vision text,
    mission text,
    value_proposition text,
    target_market text,
    revenue_model text,
    key_resources json,
    key_activities json,
    key_partnerships json,
    cost_structure json,
    created_at timestamp without time zone,
    updated_at timestamp without time zone,
    is_active boolean
);


--
-- Name: business_plans_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.business_plans_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: business_plans_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.business_plans_id_seq OWNED BY public.business_plans.id;


--
-- Name: daily_logs; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.daily_logs (
    id integer NOT NULL,
    user_id integer NOT NULL,
    date timestamp without time zone NOT NULL,
    tasks_completed integer,
    tasks_planned integer,
    completion_rate double precision,
    energy_level character varying(20),
    blockers text,
    wins text,
    learnings text,
    tomorrow_focus text,
    mood character varying(50),
    notes text
);


--
-- Name: daily_logs_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.daily_logs_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: daily_logs_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.daily_logs_id_seq OWNED BY public.daily_logs.id;


--
-- Name: goals; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.goals (
    id integer NOT NULL,
    user_id integer NOT NULL,
    parent_goal_id integer,
    title character varying(500) NOT NULL,
    description text,
    horizon character varying(50),
    target_date timestamp without time zone,
    status character varying(50),
    progress_percentage double precision,
    success_criteria text,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    completed_at timestamp without time zone,
    metrics json,
    project_name character varying(200),
    repository_path character varying(500)
);


--
-- Name: goals_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.goals_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: goals_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.goals_id_seq OWNED BY public.goals.id;


--
-- Name: metrics; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.metrics (
    id integer NOT NULL,
    user_id integer NOT NULL,
    metric_name character varying(200),
    value double precision,
    date timestamp without time zone,
    notes text,
    target_value double precision,
    category character varying(100)
);


--
-- Name: metrics_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.metrics_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: metrics_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.metrics_id_seq OWNED BY public.metrics.id;


--
-- Name: research; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.research (
    id integer NOT NULL,
    user_id integer NOT NULL,
    title character varying(500),
    summary text,
    source_url character varying(1000),
    category character varying(100),
    relevance_score double precision,
    date_found timestamp without time zone,
    action_items text,
    tags json,
    raw_data json
);


--
-- Name: research_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.research_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: research_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.research_id_seq OWNED BY public.research.id;


--
-- Name: tasks; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.tasks (
    id integer NOT NULL,
    user_id integer NOT NULL,
    parent_goal_id integer,
    title character varying(500) NOT NULL,
    description text,
    priority integer,
    status character varying(50),
    category character varying(100),
    estimated_hours double precision,
    actual_hours double precision,
    due_date timestamp without time zone,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    completed_at timestamp without time zone,
    dependencies json,
    notes text,
    tags json,
    project_name character varying(200),
    repository_path character varying(500)
);


--
-- Name: tasks_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.tasks_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: tasks_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.tasks_id_seq OWNED BY public.tasks.id;


--
-- Name: users; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.users (
    id integer NOT NULL,
    email character varying(255) NOT NULL,
    username character varying(100) NOT NULL,
    hashed_password character varying(255) NOT NULL,
    full_name character varying(200),
    is_active boolean,
    is_verified boolean,
    is_superuser boolean,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    last_login_at timestamp without time zone,
    email_verified_at timestamp without time zone
);


--
-- Name: users_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.users_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: users_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.users_id_seq OWNED BY public.users.id;


--
-- Name: business_plans id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.business_plans ALTER COLUMN id SET DEFAULT nextval('public.business_plans_id_seq'::regclass);


--
-- Name: daily_logs id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.daily_logs ALTER COLUMN id SET DEFAULT nextval('public.daily_logs_id_seq'::regclass);


--
-- Name: goals id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.goals ALTER COLUMN id SET DEFAULT nextval('public.goals_id_seq'::regclass);


--
-- Name: metrics id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.metrics ALTER COLUMN id SET DEFAULT nextval('public.metrics_id_seq'::regclass);


--
-- Name: research id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.research ALTER COLUMN id SET DEFAULT nextval('public.research_id_seq'::regclass);


--
-- Name: tasks id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tasks ALTER COLUMN id SET DEFAULT nextval('public.tasks_id_seq'::regclass);


--
-- Name: users id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users ALTER COLUMN id SET DEFAULT nextval('public.users_id_seq'::regclass);


--
-- Data for Name: adopted; Type: TABLE DATA; Schema: bizy_migration; Owner: -
--

INSERT INTO bizy_migration.adopted VALUES
	('goals', 40, 2, '{"id":40,"user_id":2,"parent_goal_id":null,"title":"Entered in PostgreSQL","description":null,"horizon":null,"target_date":null,"status":null,"progress_percentage":null,"success_criteria":null,"created_at":"2025-08-01T00:00:00","updated_at":"2025-09-01T00:00:00","completed_at":"2025-09-01T00:00:00","metrics":null,"project_name":null,"repository_path":null}'),
	('tasks', 300, 2, '{"id":300,"user_id":2,"parent_goal_id":40,"title":"Entered in PostgreSQL","description":null,"priority":null,"status":null,"category":null,"estimated_hours":null,"actual_hours":null,"due_date":null,"created_at":"2025-08-02T00:00:00","updated_at":"2025-08-02T00:00:00","completed_at":null,"dependencies":null,"notes":null,"tags":null,"project_name":null,"repository_path":null}');


--
-- Data for Name: creations; Type: TABLE DATA; Schema: bizy_migration; Owner: -
--

INSERT INTO bizy_migration.creations VALUES
	('schema', '', 'bizy_migration'),
	('user', 'users', '2'),
	('table', 'business_plans', 'business_plans'),
	('index', 'business_plans', 'ix_business_plans_id'),
	('index', 'business_plans', 'ix_business_plans_user_id'),
	('index', 'business_plans', 'ix_business_plans_user_is_active'),
	('constraint', 'business_plans', 'business_plans_user_id_fkey'),
	('table', 'daily_logs', 'daily_logs'),
	('index', 'daily_logs', 'ix_daily_logs_id'),
	('index', 'daily_logs', 'ix_daily_logs_user_date'),
	('index', 'daily_logs', 'ix_daily_logs_user_id'),
	('constraint', 'daily_logs', 'daily_logs_user_id_fkey'),
	('column', 'goals', 'project_name'),
	('column', 'goals', 'repository_path'),
	('table', 'metrics', 'metrics'),
	('index', 'metrics', 'ix_metrics_id'),
	('index', 'metrics', 'ix_metrics_user_category'),
	('index', 'metrics', 'ix_metrics_user_date'),
	('index', 'metrics', 'ix_metrics_user_id'),
	('index', 'metrics', 'ix_metrics_user_metric_name_date'),
	('constraint', 'metrics', 'metrics_user_id_fkey'),
	('table', 'research', 'research'),
	('index', 'research', 'ix_research_id'),
	('index', 'research', 'ix_research_user_category'),
	('index', 'research', 'ix_research_user_date_found'),
	('index', 'research', 'ix_research_user_id'),
	('constraint', 'research', 'research_user_id_fkey'),
	('column', 'tasks', 'project_name'),
	('column', 'tasks', 'repository_path'),
	('index', 'tasks', 'ix_tasks_goal_status');


--
-- Data for Name: ledger_business_plans; Type: TABLE DATA; Schema: bizy_migration; Owner: -
--

INSERT INTO bizy_migration.ledger_business_plans VALUES
	(1, '3555ec98-ee87-deca-39ce-9973c67d589d', 1, NULL),
	(2, '773c37d9-5e94-53cb-cabc-9abe22b4c32c', 1, NULL);


--
-- Data for Name: ledger_daily_logs; Type: TABLE DATA; Schema: bizy_migration; Owner: -
--

INSERT INTO bizy_migration.ledger_daily_logs VALUES
	(1, 'a772caff-746b-05a3-1eef-9821e34ea932', 1, NULL),
	(2, '58c68aec-6db9-c151-b6c6-bbc49ae634cb', 1, NULL),
	(3, '038d6963-ec28-4761-fe5b-1afd84b359fc', 1, NULL),
	(4, '07c6f30d-33cc-d767-73f7-59796ca3183c', 1, NULL),
	(5, '335be5ba-815f-354d-6601-ecf635abdeee', 1, NULL),
	(6, 'c2aee47e-1377-aa21-9f5a-db0818360cd7', 1, NULL),
	(7, '83ae194e-2510-6469-2815-03767ca2b6de', 1, NULL),
	(8, '037c0653-4b0b-fecd-9692-7ea04f5ae7c3', 1, NULL),
	(9, 'b4101074-4918-3944-db93-515110e9d4c5', 1, NULL),
	(10, 'c43a8895-2445-8180-5bf5-28dbd147ce12', 1, NULL),
	(11, 'eab7ddb0-da7d-3e5f-0937-d371b97bee81', 1, NULL);


--
-- Data for Name: ledger_goals; Type: TABLE DATA; Schema: bizy_migration; Owner: -
--

INSERT INTO bizy_migration.ledger_goals VALUES
	(11, '53415a45-9427-cd04-976f-b90b495d9e20', 1, NULL),
	(17, '9f2af2b4-0a18-e469-79cf-ce2bbaa56bcd', 1, NULL),
	(12, '31e6cd0a-3491-eeb1-7f9d-768c849803cc', 1, NULL),
	(10, 'c099e089-98a6-4c70-468c-52a89958e4c9', 1, NULL),
	(2, 'e6e635c9-9e05-014f-1bc3-de3ac4514ac6', 1, NULL),
	(15, '08c2f880-f77b-dc09-a8cc-052aa40dbb80', 1, NULL),
	(13, '66e3db29-c268-525f-df0b-3696afcf718b', 1, NULL),
	(5, '81a5d787-9dea-f813-5851-f40a20c5e2ba', 1, NULL),
	(16, '390c846c-c0bd-f65c-ab5a-2bdae7697126', 1, NULL),
	(4, 'c36416e7-f74e-5f52-e69c-9a0025cb0a8c', 1, NULL),
	(1, '83e40b2a-0557-5f3a-4aec-be0a19b3b148', 1, NULL),
	(3, 'f06f7e31-59bd-184c-786a-6f1882b1cca1', 1, NULL),
	(9, '64277471-3e94-ed28-929c-e7614d830cf5', 1, NULL),
	(40, '70f9af92-73f9-93a4-f1f9-01d466e53b3f', 2, 'found');


--
-- Data for Name: ledger_metrics; Type: TABLE DATA; Schema: bizy_migration; Owner: -
--

INSERT INTO bizy_migration.ledger_metrics VALUES
	(1, 'a36c611e-87e8-0297-2427-b53d2c68d779', 1, NULL),
	(2, '85b0b679-6cfc-e6ae-9a31-049445beb64a', 1, NULL),
	(3, '639aa82a-9afe-8fbb-b1e3-e544895ce798', 1, NULL),
	(4, 'a686648a-4c19-f471-b3d0-c76833b45a5b', 1, NULL),
	(5, 'd00875a6-be2e-68de-55bd-83744c095323', 1, NULL),
	(6, 'd0cb09af-aec0-5c8a-29d7-3fb1b603b5af', 1, NULL),
	(7, 'de84fde1-bce3-3902-a9f2-c9c4fe637c6a', 1, NULL),
	(8, '769fcb0e-bc8a-ba6d-9a96-0d397eb4d681', 1, NULL),
	(9, '25ed1fb3-c604-4cf6-fcea-2f8fb9a713e2', 1, NULL),
	(10, 'a1f1cf82-8cd0-1f88-0bf0-988f26c30255', 1, NULL),
	(11, '67f4bcbd-308a-ad8d-5b41-246b2dceb6a2', 1, NULL),
	(12, '680e26d6-bf05-08de-e19d-d35ccb89b16c', 1, NULL),
	(13, 'dba56693-7286-0beb-de02-c75d58ef8332', 1, NULL),
	(14, '0c1e55aa-033b-fa10-e0aa-b75f0adffa7c', 1, NULL);


--
-- Data for Name: ledger_research; Type: TABLE DATA; Schema: bizy_migration; Owner: -
--

INSERT INTO bizy_migration.ledger_research VALUES
	(1, '3332dcdb-07e1-ae33-2f32-46787f002b15', 1, NULL),
	(2, 'af2d11fb-99a5-a5dc-cc7b-e0f549532d84', 1, NULL),
	(3, 'bb8c3efa-f342-6c7f-aa67-38dc56b58402', 1, NULL),
	(4, '3ea1c2f0-fd77-53b6-a222-b2d62aa10177', 1, NULL),
	(5, '44a04206-254d-ffe9-6236-704ff1e648e9', 1, NULL),
	(6, 'a146c72a-a8a5-40ae-15a6-c32393f51fc8', 1, NULL),
	(7, 'ce6a8522-746a-e7f3-78d7-115fc2df1d17', 1, NULL),
	(8, 'd72c565d-1928-2082-7f01-385ba107f2d9', 1, NULL),
	(9, '11ff6c58-7b63-882f-06ae-dddc125a7b3d', 1, NULL);


--
-- Data for Name: ledger_tasks; Type: TABLE DATA; Schema: bizy_migration; Owner: -
--

INSERT INTO bizy_migration.ledger_tasks VALUES
	(106, 'd631539a-533a-c881-ee99-248fb896e7f7', 1, NULL),
	(120, 'dc98130c-f3ba-9b93-cdbb-76f18ab17e78', 1, NULL),
	(119, '653ca2b2-3c0b-819b-3cb2-e57112022530', 1, NULL),
	(101, 'bfd60fd6-4b24-4a4a-9fa2-20bdf1c0a7fa', 1, NULL),
	(82, '5af22cee-e0d0-333a-ee38-a2f98f0cc805', 1, NULL),
	(25, '303111ea-90fe-9d76-4470-d3557c0370c8', 1, NULL),
	(26, '28a3df62-bd21-0e3f-0745-f361a0381902', 1, NULL),
	(137, '3f5ed3f9-df6a-8cf9-df29-ef969376d30b', 1, NULL),
	(136, '0d348ae2-63ac-0ef7-dbaa-3097e57bc7fc', 1, NULL),
	(27, 'e6489d97-a266-c07f-5c79-8800039854dc', 1, NULL),
	(149, '836d60c7-c671-5d1e-6ca0-7571879bf214', 1, NULL),
	(93, '64473163-68ab-9fd9-dc42-8e9593c659a4', 1, NULL),
	(11, 'e881c987-a1b4-fb30-35a1-1ee2f55acda5', 1, NULL),
	(135, '4d2e31db-05cb-2fad-6bde-587f823da53f', 1, NULL),
	(39, '684bb45c-34b6-52e4-d937-ff30e4a8b638', 1, NULL),
	(131, 'cda9fbe9-0c8a-9530-f7fb-29104915658c', 1, NULL),
	(17, '545740de-c724-36c0-d0a1-c335d18646e4', 1, NULL),
	(142, 'caf8dc6d-a17c-c592-a2c7-898c7f97bf06', 1, NULL),
	(66, '03dd158f-f72f-595b-f6d9-a976fdb908e3', 1, NULL),
	(89, 'd9c5b49d-7863-152c-860a-4aa423b19457', 1, NULL),
	(33, '81547bf8-0391-238c-32e2-6e59e2565540', 1, NULL),
	(109, '76a2bccd-8144-96a9-f082-e3cc07b42d26', 1, NULL),
	(57, '47f9869a-88c6-d26b-518a-0fd064b4b59a', 1, NULL),
	(31, '2bd85d76-858e-2f58-af3b-2ba115a0a215', 1, NULL),
	(34, '02bbe6e4-ace1-32c6-9ab4-dd25c3cac7e6', 1, NULL),
	(10, 'c1a28292-ce6e-66a3-b3b5-b1583bdb6f45', 1, NULL),
	(18, 'cf429a8e-1d5d-f63c-5216-6a33258898b9', 1, NULL),
	(146, 'd9ddf48e-c0c8-cc14-5439-f313a2767c50', 1, NULL),
	(139, 'dd943943-ae29-db45-3f9f-94367d4132bd', 1, NULL),
	(143, 'd3d4cdf8-6910-8a9e-572e-8ec26b6b14c3', 1, NULL),
	(98, '45b12dba-9d78-a197-e69b-80dc7b68bfe9', 1, NULL),
	(64, '5d87ce9c-1a5c-4c1e-f3ea-1d2b1ac296ab', 1, NULL),
	(145, 'f1ba14fc-105a-7ca2-a1c6-202ec65e066d', 1, NULL),
	(104, '7fd52a6b-4331-3af1-bfc7-f8013ca385ac', 1, NULL),
	(102, '51047649-dfde-e441-b062-731144dfedc1', 1, NULL),
	(71, 'ca48fd2d-af7d-48a0-9609-9c95a4ac6efd', 1, NULL),
	(2, '1a3b4d21-b4ee-81ef-14f3-2311a3dbb32b', 1, NULL),
	(72, '18d8df18-c031-f683-1b3b-7d4e77da89b6', 1, NULL),
	(47, '49c0e6b2-bcc0-8b38-8758-3bc716a03fa6', 1, NULL),
	(46, 'bbb59dc3-6dd6-5058-b3ad-47946ec4fa4a', 1, NULL),
	(83, '90208a0f-1636-6f27-87f0-da7d55339eb0', 1, NULL),
	(15, '6748d73f-8549-1077-cee7-a1425d2b8bcd', 1, NULL),
	(125, '2fb83f61-6ef0-f1d1-c622-8ccb31d2f84c', 1, NULL),
	(77, 'e13770dd-d2b2-8fe3-b580-cc8420b6e54c', 1, NULL),
	(140, 'c31b6543-6c57-fa44-20f9-4f366fe6cb1a', 1, NULL),
	(73, '50d494f6-a077-08bf-4d3e-40e0f7db2c14', 1, NULL),
	(56, '2ae296b1-b203-364e-fa9c-48bfcd3e9082', 1, NULL),
	(40, 'e90d1d94-eff2-5038-2d6b-e74d3c315baa', 1, NULL),
	(123, '39131a65-3f12-be51-cae6-7b99c66a4a13', 1, NULL),
	(13, '49e908e0-1949-6684-fea9-dfccf02366bd', 1, NULL),
	(91, 'e91bf189-26f7-8f77-c172-73262e09596d', 1, NULL),
	(112, '0ca0d94f-9ff2-938a-68e4-73e6602fd845', 1, NULL),
	(96, '015059c3-bac7-ddf2-7965-9ba8f5bc134a', 1, NULL),
	(107, '3709f30d-cbed-6fbb-c7e7-8d7363057ce0', 1, NULL),
	(108, '23cbbc30-b2ae-bb9c-6884-1117312a42a9', 1, NULL),
	(19, '30436fcf-11d7-80f9-4e4c-4a6d22a9f60e', 1, NULL),
	(65, 'a37d5397-a1bb-45be-05f1-cf38b3f0b62d', 1, NULL),
	(52, 'ee19b8fd-ef31-5802-5b88-542c07c72621', 1, NULL),
	(37, '56bba1d2-8b5d-0b07-1d74-c5500bf89243', 1, NULL),
	(85, '02a4c864-11d0-1351-2265-78a0aeea9026', 1, NULL),
	(32, '43513c9b-bac9-1852-4c24-8b3304915d39', 1, NULL),
	(78, '9971d8ca-81d0-7271-9dd3-d73638a75c16', 1, NULL),
	(133, 'c2e40b38-9d9c-9dc8-597a-5b6c72667825', 1, NULL),
	(100, 'bb47d80f-e7f0-27ac-420e-8e351354ae13', 1, NULL),
	(113, 'aaa811c5-c1cd-bbcd-4f17-f09791fcd4c4', 1, NULL),
	(24, 'ee322b2d-afa7-a798-9633-85d113e459c8', 1, NULL),
	(55, '36b6c08c-8110-4582-8909-ff0135a8db19', 1, NULL),
	(68, '36667fd2-31a4-0a93-359d-5e45d83773c2', 1, NULL),
	(128, 'c34b2124-e941-2b9e-ccb3-0d0c7fef979a', 1, NULL),
	(38, '9c9c0115-78ac-1f71-9be6-d0d1c31168a9', 1, NULL),
	(129, 'a5fdc12d-bc9a-14b4-32a8-251b34c808ba', 1, NULL),
	(80, '1201e45c-1e30-54a3-1949-6de1385d7f4d', 1, NULL),
	(110, '030ac0f0-5a6e-77c6-67d1-2fc1acb08e54', 1, NULL),
	(99, '81822928-c490-0238-f76d-78f4a89ec607', 1, NULL),
	(48, '0438a006-6e43-be63-660a-5b7b3c7c6fd5', 1, NULL),
	(28, '306771ec-6003-aa31-3001-4bcf3685dc04', 1, NULL),
	(94, 'f41a906c-42a5-0a23-b2cd-a89beaaf21b4', 1, NULL),
	(30, '18a1a2c0-544f-3fd1-e50d-e0bf1755fed4', 1, NULL),
	(95, '05585f7b-1b28-dc87-d41b-8270579e4601', 1, NULL),
	(122, '5c143c84-4bed-6ccc-ee03-41e42fbcbf69', 1, NULL),
	(62, 'fe330520-056a-f4fb-21b2-70d0815aa51c', 1, NULL),
	(127, '54cf8c43-f9d3-acf5-04d6-3b45eb6dcf8b', 1, NULL),
	(117, '0b6132b6-6682-040d-1908-63684e7ef13d', 1, NULL),
	(97, '5aa775da-4de3-aa75-c83a-5e3058a6c7f8', 1, NULL),
	(114, '0736dfd1-4fa6-53e9-e8b3-54c491c8d982', 1, NULL),
	(126, '903e74a7-6206-9907-7656-8105639f55ba', 1, NULL),
	(132, '30520956-6576-a00d-be45-fd12e1e35942', 1, NULL),
	(67, '338483e2-e7fb-5a45-1e42-ce4f4f5bc13c', 1, NULL),
	(50, 'e8bbf6a8-d9cf-ce5b-a26b-4fbe29ebec13', 1, NULL),
	(51, '5ad0bf5c-4dea-658e-6be1-724eb9517c40', 1, NULL),
	(76, '47479e82-bb5a-6a5e-68d4-df653785c1cc', 1, NULL),
	(69, 'eedadcde-f0c5-a34e-cc23-272b62c66566', 1, NULL),
	(81, '24c056ae-6489-5296-4206-f293d4cc57df', 1, NULL),
	(79, 'fd4ebc78-008f-4485-2088-b119f659d164', 1, NULL),
	(42, '388a3782-824e-6608-76f7-d262490b389e', 1, NULL),
	(90, '489c7b32-1cb3-3b0d-e843-5d2b2ab3b7ee', 1, NULL),
	(134, 'a3f7f575-510d-7fd2-0d6e-96cde69f463b', 1, NULL),
	(59, '959537ea-fc64-5b76-9e20-eac0100243ea', 1, NULL),
	(116, '63c4ce0a-aca8-b18e-34cf-33f902a0147f', 1, NULL),
	(84, '39213d2a-dce9-0817-94be-dd067154a216', 1, NULL);
INSERT INTO bizy_migration.ledger_tasks VALUES
	(74, 'd7128e81-f9e6-cb53-e68e-1c410e84db23', 1, NULL),
	(29, 'd1d635fb-79cf-35ff-e988-be46c1aa7fd7', 1, NULL),
	(41, '84b04ece-43d8-0c28-430a-8559000b8c53', 1, NULL),
	(141, 'd06c5da3-a458-3ff6-a0d6-1332e35e837c', 1, NULL),
	(138, '6bf4b6f2-ae3f-dc3c-7986-82e76ef58629', 1, NULL),
	(16, '2a22c1b6-ac9d-0e3a-c574-037c330e914f', 1, NULL),
	(54, '4c0016c6-4e5a-90fc-2172-a4ad77855c99', 1, NULL),
	(103, '8c354f4a-b02a-fe97-01e4-7fb37d9d814e', 1, NULL),
	(115, '3339576b-2184-f509-746b-807a10b7abf6', 1, NULL),
	(148, 'e4055297-cd8c-48b6-9815-c4d11d5b5de5', 1, NULL),
	(36, '4833ffb6-0a78-80ed-1d3a-760cfcd61b6c', 1, NULL),
	(4, '30059fc9-35a8-9c9b-7fb5-dd22d8d46a8d', 1, NULL),
	(53, '5a20b79d-1456-af4f-5dc8-14e37d499934', 1, NULL),
	(92, 'b3f48277-0064-16b5-27ee-bffaf4691c48', 1, NULL),
	(23, '2c25f561-3126-c7bd-bc8e-e7b27a23105c', 1, NULL),
	(44, 'd1eec460-e21b-3c95-8726-f6759c120c7c', 1, NULL),
	(58, 'd6bce5ae-e12d-f795-a7d0-ea5c18aa036b', 1, NULL),
	(1, 'ccef842b-970e-7a63-3b03-8335ebedb70c', 1, NULL),
	(111, 'd79882da-0cd4-07a7-bf51-362d8c94ab90', 1, NULL),
	(86, '654eba6f-2604-863a-bc99-882b4a0fa193', 1, NULL),
	(49, '3bb5b5ca-d652-f9a4-cfc3-8bb7dd39f78d', 1, NULL),
	(22, 'd6ebba8b-752d-802b-ba0b-ef46f040f62c', 1, NULL),
	(70, '7ed6984a-bbd1-8041-9976-fda8c1fae55c', 1, NULL),
	(45, '142ece66-bf35-6596-87e3-3ba6e276f446', 1, NULL),
	(60, 'e18bd320-81ce-00e9-031f-a825f4a30c5f', 1, NULL),
	(105, 'ac2c6f6f-883b-9a00-4def-fb34f4dc1fa7', 1, NULL),
	(75, 'b66e4452-6c12-58e5-0865-101e6b0fc889', 1, NULL),
	(124, '63a7d5f0-69ca-6ce5-2d17-96b7c3c1e271', 1, NULL),
	(43, 'bf18286d-4603-5c40-1604-1cb30358d259', 1, NULL),
	(3, '31771ead-47cb-21ad-27c0-6ddc9c1e2b8b', 1, NULL),
	(61, 'fa13bd74-3167-a86a-9096-aac952dff13d', 1, NULL),
	(87, '9b3735be-d8c4-727c-9129-260edf545ffc', 1, NULL),
	(14, '4393e51f-0abe-c6f4-1080-006035c27541', 1, NULL),
	(147, 'a6edcfa6-399b-c5f8-acab-2617a810000b', 1, NULL),
	(121, 'f71aee20-2029-50f7-133c-74bee45f6665', 1, NULL),
	(35, '7979f41a-629c-6e1f-4332-3a3bf19a83e0', 1, NULL),
	(63, 'ab33195c-abd5-08bc-ad8c-4a6a5463fd74', 1, NULL),
	(9, '5088f3bc-c306-56c2-f175-eee8561ee702', 1, NULL),
	(118, 'b6877bce-68a6-169e-56ed-4586da7701d4', 1, NULL),
	(88, 'e3c3ad75-a37a-b137-35d3-f9b02b2c8471', 1, NULL),
	(130, 'c66ae198-5ecc-2fed-f8fc-a5d200c03bdf', 1, NULL),
	(144, 'cd0bb331-1e86-0b1f-9a87-b5b06701d025', 1, NULL),
	(20, '53750e89-faa9-8565-e8c1-f82a1ab6a5dc', 2, NULL),
	(21, '8fd58a28-1090-f665-1cff-2673b6c2ba0e', 2, NULL),
	(300, '360014a2-b730-fb59-a539-4ff8c294948a', 2, NULL),
	(12, '823202b2-13b8-af23-67f8-94aa90b71dd7', 1, 'edited'),
	(7, '8dfe0a68-41a9-00a2-a845-b1fb619e8635', 1, 'edited'),
	(8, 'b6609d64-4cb0-95d6-299c-253e90182d2c', 1, 'deleted');


--
-- Data for Name: loads; Type: TABLE DATA; Schema: bizy_migration; Owner: -
--

INSERT INTO bizy_migration.loads VALUES
	(1, 'business_plans', '2026-11-25 09:54:20.084306', '{}', '0.1.0 b1983ec097faf28186f67b664440db224a3e62fd925d7fbd93e568f9d07d7485', 2, 2, 0, 0, 0, 0, 0, 0, 0, 0),
	(1, 'daily_logs', '2026-11-25 09:54:20.293094', '{}', '0.1.0 077785c8085daad855e1df4df13b5783662801a013471262478cd5ad8f3c3c9d', 11, 11, 0, 0, 0, 0, 0, 0, 0, 0),
	(1, 'goals', '2026-11-25 09:54:20.451051', '{}', '0.1.0 eaca6c471200115110c27966f8d0131e7cad991de4029893723050baf4592983', 13, 13, 0, 0, 0, 0, 0, 0, 0, 0),
	(1, 'metrics', '2026-11-25 09:54:20.64819', '{}', '0.1.0 1f61ac759169098e2605b76e34b4230a14feaa5f22fd32982b12552792e97d5f', 14, 14, 0, 0, 0, 0, 0, 0, 0, 0),
	(1, 'research', '2026-11-25 09:54:20.804733', '{}', '0.1.0 89c9bbef3e93444a9ade3b2d551194d02d0843fcea5d0f7947a4ada2ce3d18f7', 9, 9, 0, 0, 0, 0, 0, 0, 0, 0),
	(1, 'tasks', '2026-11-25 09:54:22.247679', '{}', '0.1.0 7966bc4fd130022937b589d7ac1b4127173bb45ceb9e3ec66baf5065edba8df5', 149, 148, 0, 0, 0, 0, 1, 0, 0, 0),
	(2, 'business_plans', '2026-11-25 09:54:23.738245', '{}', '0.1.0 dd054032e5f76228b744941d8eb1dcd53e8cbb152139e920eb72ac7cfe59e9ac', 2, 0, 0, 2, 0, 0, 0, 0, 0, 0),
	(2, 'daily_logs', '2026-11-25 09:54:23.904835', '{}', '0.1.0 5cd43726e58eb48b922225626fb2784e2529e05c4bd88f9a2edbfdf966d6737c', 11, 0, 0, 11, 0, 0, 0, 0, 0, 0),
	(2, 'goals', '2026-11-25 09:54:24.057512', '{}', '0.1.0 0f76d9ac771d15b042d71e49c037f066785b69de7003af194c23ca6da068ae3f', 14, 0, 1, 13, 0, 0, 0, 0, 0, 1),
	(2, 'metrics', '2026-11-25 09:54:24.287453', '{}', '0.1.0 9544c27ce3b4f1d148ec47c2678965a67f5623a320f397ee7dfb41cbc7bf8eda', 14, 0, 0, 14, 0, 0, 0, 0, 0, 0),
	(2, 'research', '2026-11-25 09:54:24.423297', '{}', '0.1.0 09ee13885fb906b924f81c6fc37ba6a5cecf337a296afcdbe0daa3b04634495e', 9, 0, 0, 9, 0, 0, 0, 0, 0, 0),
	(2, 'tasks', '2026-11-25 09:54:25.40749', '{}', '0.1.0 0f4f81931b92763ab23aa2abf2d67af4e427706873b1133017c91feb705ded8a', 148, 0, 3, 142, 1, 1, 1, 1, 1, 1);


--
-- Data for Name: rejected_rows; Type: TABLE DATA; Schema: bizy_migration; Owner: -
--

INSERT INTO bizy_migration.rejected_rows VALUES
	('@FOLDER@/laptop/tasks.db', 'tasks', 5, 'priority', 5, 'wrong_storage_type', '\x68696768', '{"id":5,"parent_goal_id":1,"title":"Réviser le budget","description":"O''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contract","priority":"high","status":"completed","category":null,"estimated_hours":null,"actual_hours":null,"due_date":null,"created_at":"2025-03-25 00:29:53.357908","completed_at":"2025-04-05 18:15:54.045914","dependencies":"[3, 4]","notes":null,"tags":"[\"q4\"]","project_name":null,"repository_path":null}', 'cbe68d3f-5239-4fa1-bab1-961009cbe1fc', '2026-11-25 09:54:22.247679');


--
-- Data for Name: repairs; Type: TABLE DATA; Schema: bizy_migration; Owner: -
--

INSERT INTO bizy_migration.repairs VALUES
	('@FOLDER@/laptop/tasks.db', 'goals', 10, 'parent_goal_id', 'orphan_parent', '8', NULL, 'cbe68d3f-5239-4fa1-bab1-961009cbe1fc'),
	('@FOLDER@/laptop/tasks.db', 'goals', 3, 'created_at', 'missing_timestamp', NULL, '2026-11-25 09:54:20.451051', 'cbe68d3f-5239-4fa1-bab1-961009cbe1fc'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 54, 'parent_goal_id', 'orphan_parent', '6', NULL, 'cbe68d3f-5239-4fa1-bab1-961009cbe1fc'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 55, 'parent_goal_id', 'orphan_parent', '6', NULL, 'cbe68d3f-5239-4fa1-bab1-961009cbe1fc'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 58, 'parent_goal_id', 'orphan_parent', '6', NULL, 'cbe68d3f-5239-4fa1-bab1-961009cbe1fc'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 60, 'parent_goal_id', 'orphan_parent', '6', NULL, 'cbe68d3f-5239-4fa1-bab1-961009cbe1fc'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 62, 'parent_goal_id', 'orphan_parent', '6', NULL, 'cbe68d3f-5239-4fa1-bab1-961009cbe1fc'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 64, 'parent_goal_id', 'orphan_parent', '6', NULL, 'cbe68d3f-5239-4fa1-bab1-961009cbe1fc'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 66, 'parent_goal_id', 'orphan_parent', '6', NULL, 'cbe68d3f-5239-4fa1-bab1-961009cbe1fc'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 102, 'parent_goal_id', 'orphan_parent', '8', NULL, 'cbe68d3f-5239-4fa1-bab1-961009cbe1fc'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 103, 'parent_goal_id', 'orphan_parent', '8', NULL, 'cbe68d3f-5239-4fa1-bab1-961009cbe1fc'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 107, 'parent_goal_id', 'orphan_parent', '8', NULL, 'cbe68d3f-5239-4fa1-bab1-961009cbe1fc'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 108, 'parent_goal_id', 'orphan_parent', '8', NULL, 'cbe68d3f-5239-4fa1-bab1-961009cbe1fc'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 110, 'parent_goal_id', 'orphan_parent', '8', NULL, 'cbe68d3f-5239-4fa1-bab1-961009cbe1fc'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 114, 'parent_goal_id', 'orphan_parent', '8', NULL, 'cbe68d3f-5239-4fa1-bab1-961009cbe1fc'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 116, 'parent_goal_id', 'orphan_parent', '8', NULL, 'cbe68d3f-5239-4fa1-bab1-961009cbe1fc');


--
-- Data for Name: runs; Type: TABLE DATA; Schema: bizy_migration; Owner: -
--

INSERT INTO bizy_migration.runs VALUES
	(1, 'cbe68d3f-5239-4fa1-bab1-961009cbe1fc', '@FOLDER@/laptop/tasks.db', '@FOLDER@/backups/tasks_backup_20261125_095419.db', 'a1cccb10452a27617272e9cd5be5e23101b98ffb48546bef4b65b29ca8c6a3c0', '2026-11-25 09:54:19.174169', 'America/Los_Angeles', '2025-10-11 16:21:51', 2, '2026-11-25 09:54:20.080742', '2026-11-25 09:54:22.869046', 'completed'),
	(2, '60642fc6-9156-4e66-a1fa-42a75bb472a4', '@FOLDER@/laptop/tasks.db', '@FOLDER@/backups/tasks_backup_20261125_095423.db', 'd58b285f1a449e9ff631fe136633c3c31daa6c43027e03e35fa914f62386f495', '2026-11-25 09:54:23.313842', 'America/Los_Angeles', '2025-10-11 16:21:51', 2, '2026-11-25 09:54:23.732785', '2026-11-25 09:54:26.091983', 'completed');


--
-- Data for Name: sequence_moves; Type: TABLE DATA; Schema: bizy_migration; Owner: -
--

INSERT INTO bizy_migration.sequence_moves VALUES
	('users', 1, true, 3),
	('business_plans', 1, false, 3),
	('daily_logs', 1, false, 12),
	('metrics', 1, false, 15),
	('research', 1, false, 10);


--
-- Data for Name: version; Type: TABLE DATA; Schema: bizy_migration; Owner: -
--

INSERT INTO bizy_migration.version VALUES
	(2);


--
-- Data for Name: business_plans; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.business_plans VALUES
	(1, 2, NULL, '1.0.2', '', 'm', NULL, NULL, NULL, '{"team": 2}', '["sell"]', '[]', '{"rent": 10.5}', '2025-10-11 16:30:00', NULL, false),
	(2, 2, NULL, '1.1.1', 'O''Brien''s contract', 'm', NULL, NULL, NULL, '{"team": 2}', '["sell"]', '[]', '{"rent": 10.5}', '2026-04-20 00:00:00', '2026-04-20 00:00:00', true);


--
-- Data for Name: daily_logs; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.daily_logs VALUES
	(1, 2, '2025-03-05 00:00:00', 4, 1, 4, 'high', NULL, 'Write launch post', '\N', NULL, 'ok', NULL),
	(2, 2, '2025-04-22 00:00:00', 1, 3, 0.3333333333333333, 'high', NULL, 'O''Brien''s contract', 'Réviser le budget', NULL, 'ok', NULL),
	(3, 2, '2025-06-11 00:00:00', 3, 2, 1.5, 'high', NULL, 'Multi
line title', 'Größenordnung prüfen', NULL, 'ok', NULL),
	(4, 2, '2025-08-27 00:00:00', 1, 5, 0.2, 'high', NULL, 'Multi
line title', 'Write launch post', NULL, 'ok', NULL),
	(5, 2, '2025-09-01 00:00:00', 0, 1, 0, 'high', NULL, '🚀 Demo day', '', NULL, 'ok', NULL),
	(6, 2, '2025-09-10 00:00:00', 4, 6, 0.6666666666666666, 'high', NULL, '東京 office lease', '50% off, maybe', NULL, 'ok', NULL),
	(7, 2, '2025-12-20 00:00:00', 0, 6, 0, 'high', NULL, ' leading and trailing ', 'Renew domain', NULL, 'ok', NULL),
	(8, 2, '2025-12-22 00:00:00', 1, 3, 0.3333333333333333, 'high', NULL, '50% off, maybe', '\N', NULL, 'ok', NULL),
	(9, 2, '2025-12-30 00:00:00', 2, 5, 0.4, 'high', NULL, 'Réviser le budget', 'O''Brien''s contract', NULL, 'ok', NULL),
	(10, 2, '2026-02-14 00:00:00', 0, 7, 0, 'high', NULL, 'Réviser le budget', 'Multi
line title', NULL, 'ok', NULL),
	(11, 2, '2026-04-16 00:00:00', 0, 6, 0, 'high', NULL, 'Call the auditor', 'Fix billing	with tab', NULL, 'ok', NULL);


--
-- Data for Name: goals; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.goals VALUES
	(501, 1, NULL, 'Eve''s own goal', NULL, NULL, NULL, NULL, NULL, NULL, '2025-01-02 00:00:00', '2025-01-02 00:00:00', NULL, NULL, NULL, NULL),
	(11, 2, NULL, ' leading and trailing ', 'goal Call the auditor', 'yearly', '2026-04-30 22:41:32.793561', 'active', 22, NULL, '2025-11-12 23:41:32.793561', '2026-04-17 00:09:08.402816', NULL, '{"mrr": 2613, "note": "Renew domain"}', NULL, NULL),
	(17, 2, 4, 'C:\backslash\path', 'goal NULL', 'yearly', '2026-07-23 18:00:30.051907', 'active', 29, NULL, '2026-03-31 18:00:30.051907', '2026-04-18 07:19:34.014126', NULL, '{"mrr": 9348, "note": "Renew domain"}', NULL, NULL),
	(12, 2, 10, 'NULL', 'goal 🚀 Demo day', 'quarterly', '2026-01-12 20:27:48.171576', 'active', 94, NULL, '2026-01-02 20:27:48.171576', '2026-02-06 05:36:24.035643', NULL, '{"mrr": 805, "note": "Quote: \"ship it\""}', 'business-agent', '/home/u/business agent'),
	(10, 2, NULL, 'Multi
line title', 'goal \N', 'quarterly', '2026-01-13 14:48:01.211269', 'active', 98, NULL, '2025-10-15 13:48:01.211269', '2025-12-22 22:21:48.306116', NULL, '{"mrr": 3221, "note": "50% off, maybe"}', NULL, NULL),
	(2, 2, 1, 'untitled', 'goal O''Brien''s contract', 'yearly', '2025-05-24 12:37:40.686913', 'active', 61, NULL, '2025-04-02 12:37:40.686913', '2025-11-14 13:33:16.973411', NULL, '{"mrr": 5293, "note": "\u6771\u4eac office lease"}', NULL, NULL),
	(15, 2, 13, 'Call the auditor', 'goal Multi
line title', 'quarterly', '2026-07-06 20:30:01.715134', 'active', 62, NULL, '2026-02-27 21:30:01.715134', '2026-04-12 19:37:30.442033', NULL, '{"mrr": 9627, "note": "Fix billing\twith tab"}', 'business-agent', '/home/u/business agent'),
	(13, 2, 1, 'NULL', 'goal Write launch post', 'yearly', '2026-04-18 08:10:55.298393', 'active', 0, NULL, '2026-01-04 09:10:55.298393', '2026-01-04 09:10:55.298393', NULL, '{"mrr": 4330, "note": "C:\\backslash\\path"}', NULL, NULL),
	(5, 2, 2, 'Write launch post', 'goal NULL', 'yearly', '2025-12-07 14:46:14.079876', 'active', 54, NULL, '2025-06-23 13:46:14.079876', '2026-03-26 13:51:42.438933', NULL, '{"mrr": 5379, "note": "Gr\u00f6\u00dfenordnung pr\u00fcfen"}', NULL, NULL),
	(16, 2, 10, 'Réviser le budget', 'goal NULL', 'monthly', '2026-04-07 20:09:31.774466', 'active', 29, NULL, '2026-03-17 20:09:31.774466', '2026-04-18 02:18:05.649098', NULL, '{"mrr": 9137, "note": "\ud83d\ude80 Demo day"}', NULL, NULL),
	(4, 2, 2, 'Write launch post', 'goal Write launch post', 'monthly', '2025-08-01 21:26:13.093142', 'active', 58, NULL, '2025-06-02 21:26:13.093142', '2026-04-06 23:46:22.923625', NULL, '{"mrr": 6996, "note": "\ud83d\ude80 Demo day"}', NULL, NULL),
	(1, 2, NULL, 'Multi
line title', 'goal C:\backslash\path', 'yearly', '2025-06-20 14:09:01.236034', 'active', 28, NULL, '2025-03-04 15:09:01.236034', '2025-12-27 09:41:00.720705', NULL, '{"mrr": 7990, "note": "\u6771\u4eac office lease"}', NULL, NULL),
	(3, 2, NULL, '🚀 Demo day', 'goal NULL', 'monthly', '2025-06-09 18:03:17.358864', 'active', 94, NULL, '2026-11-25 09:54:20.451051', '2025-10-04 14:20:02.377406', NULL, '{"mrr": 5168, "note": "R\u00e9viser le budget"}', 'business-agent', '/home/u/business agent'),
	(9, 2, 2, '東京 office lease', 'goal 🚀 Demo day', 'quarterly', '2026-01-14 05:12:11.254531', 'active', 46, NULL, '2025-10-04 04:12:11.254531', '2026-03-14 20:55:31.190871', NULL, '{"mrr": 6140, "note": "\ud83d\ude80 Demo day"}', 'business-agent', '/home/u/business agent'),
	(40, 2, NULL, 'Entered in Bizy', NULL, NULL, NULL, NULL, NULL, NULL, '2025-08-01 10:00:00', '2025-08-01 10:00:00', '2025-09-01 00:00:00', NULL, NULL, NULL);


--
-- Data for Name: metrics; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.metrics VALUES
	(1, 2, 'mrr', 868394.353714402, '2025-03-08 21:13:24.475115', 'Multi
line title', 1000000, 'revenue'),
	(2, 2, 'mrr', 994875.9706374638, '2025-03-25 03:23:00.950647', 'O''Brien''s contract', 1000000, 'revenue'),
	(3, 2, 'mrr', 303765.2895908849, '2025-04-08 22:34:12.978696', '🚀 Demo day', 1000000, 'revenue'),
	(4, 2, 'mrr', 306864.19707713975, '2025-04-14 12:12:57.680433', 'Renew domain', 1000000, 'revenue'),
	(5, 2, 'mrr', 721930.022999826, '2025-04-21 06:55:45.283043', 'Renew domain', 1000000, 'revenue'),
	(6, 2, 'mrr', 235596.4177948906, '2025-05-31 19:46:32.774175', 'Write launch post', 1000000, 'revenue'),
	(7, 2, 'mrr', 281633.0394197598, '2025-06-05 03:51:10.540941', '', 1000000, 'revenue'),
	(8, 2, 'mrr', 329425.8128684474, '2025-07-31 23:18:19.548006', 'NULL', 1000000, 'revenue'),
	(9, 2, 'mrr', 687597.0056280316, '2025-11-06 17:50:44.732622', 'NULL', 1000000, 'revenue'),
	(10, 2, 'mrr', 894838.6707329992, '2025-11-10 17:24:01.527912', 'Multi
line title', 1000000, 'revenue'),
	(11, 2, 'mrr', 571713.4623360168, '2025-11-14 22:42:06.520731', 'Quote: "ship it"', 1000000, 'revenue'),
	(12, 2, 'mrr', 640864.4015220477, '2026-01-14 06:26:03.955936', ' leading and trailing ', 1000000, 'revenue'),
	(13, 2, 'mrr', 557497.4791146383, '2026-01-21 08:56:02.249848', 'Call the auditor', 1000000, 'revenue'),
	(14, 2, 'mrr', 930814.3675449204, '2026-02-20 08:29:09.37003', 'Multi
line title', 1000000, 'revenue');


--
-- Data for Name: research; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.research VALUES
	(1, 2, 'Multi
line title', 's', 'https://example.com/43', 'trend', 0.4123896918414308, '2025-05-25 02:23:49.433763', NULL, '["x"]', '{"k": [1, 2.5, null, "Multi\nline title"]}'),
	(2, 2, ' leading and trailing ', 's', 'https://example.com/54', 'trend', 0.7161561927878554, '2025-06-22 05:15:46.662558', NULL, '["x"]', '{"k": [1, 2.5, null, "Fix billing\twith tab"]}'),
	(3, 2, 'NULL', 's', 'https://example.com/81', 'trend', 0.32783976859904174, '2025-08-12 00:26:04.100755', NULL, '["x"]', '{"k": [1, 2.5, null, ""]}'),
	(4, 2, 'Call the auditor', 's', 'https://example.com/103', 'trend', 0.4120625648325472, '2025-09-25 00:54:54.754667', NULL, '["x"]', '{"k": [1, 2.5, null, "Quote: \"ship it\""]}'),
	(5, 2, '東京 office lease', 's', 'https://example.com/109', 'trend', 0.2877726262290997, '2025-10-11 05:07:20.50853', NULL, '["x"]', '{"k": [1, 2.5, null, "\ud83d\ude80 Demo day"]}'),
	(6, 2, 'C:\backslash\path', 's', 'https://example.com/16', 'trend', 0.2665862468981156, '2025-11-13 00:07:41.500539', NULL, '["x"]', '{"k": [1, 2.5, null, "Quote: \"ship it\""]}'),
	(7, 2, '\N', 's', 'https://example.com/26', 'trend', 0.07483313374316614, '2025-12-11 10:13:07.217634', NULL, '["x"]', '{"k": [1, 2.5, null, "Multi\nline title"]}'),
	(8, 2, 'Größenordnung prüfen', 's', 'https://example.com/28', 'trend', 0.9801892145693348, '2025-12-14 02:46:41.960519', NULL, '["x"]', '{"k": [1, 2.5, null, "50% off, maybe"]}'),
	(9, 2, '東京 office lease', 's', 'https://example.com/33', 'trend', 0.8033365481923896, '2025-12-26 01:47:43.649451', NULL, '["x"]', '{"k": [1, 2.5, null, "O''Brien''s contract"]}');


--
-- Data for Name: tasks; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.tasks VALUES
	(901, 1, 501, 'Eve''s own task', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2025-01-03 00:00:00', '2025-01-03 00:00:00', NULL, NULL, NULL, NULL, NULL, NULL),
	(106, 2, 1, ' leading and trailing ', 'Multi
line titleMulti
line titleMulti
line titleMulti
line title', 1, 'pending', NULL, 1.1, NULL, '2026-01-24 01:00:00', '2025-12-31 04:30:12.73181', '2026-11-25 09:54:22.247679', NULL, '[46, 18]', NULL, '[]', NULL, NULL),
	(120, 2, 4, 'Größenordnung prüfen', 'Call the auditorCall the auditorCall the auditor', 3, 'pending', 'marketing', 0.25, NULL, NULL, '2026-02-10 07:46:17.733833', '2026-11-25 09:54:22.247679', NULL, '[]', NULL, '["urgent", "a\"b"]', 'business-agent', '/home/u/business agent'),
	(119, 2, 3, '東京 office lease', 'Renew domainRenew domainRenew domainRenew domainRenew domainRenew domainRenew domainRenew domain', 5, 'pending', 'finance', 1.1, NULL, '2026-02-20 01:00:00', '2026-02-01 08:08:47.860597', '2026-11-25 09:54:22.247679', NULL, '[6, 27]', NULL, '["\u65e5\u672c"]', NULL, NULL),
	(101, 2, 10, 'Réviser le budget', 'Multi
line titleMulti
line title', 1, 'completed', 'operations', 3, 0.5, '2025-12-10 01:00:00', '2025-12-08 06:50:47.905114', '2026-11-25 09:54:22.247679', '2025-12-22 22:21:48.306116', '[74]', NULL, '["urgent"]', NULL, NULL),
	(82, 2, 5, 'Renew domain', 'Multi
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line title', 4, 'completed', 'development', 1.1, 2, '2025-10-30 00:00:00', '2025-10-06 19:19:58.920387', '2026-11-25 09:54:22.247679', '2025-10-09 11:12:18.267195', '[]', NULL, '[]', NULL, NULL),
	(25, 2, NULL, 'Write launch post', '', 4, 'completed', 'operations', 3, NULL, '2025-05-11 00:00:00', '2025-05-01 17:55:16.313249', '2026-11-25 09:54:22.247679', '2025-05-10 20:22:16.89408', '[8, 9]', NULL, '[]', NULL, NULL),
	(26, 2, 2, '\N', 'Call the auditorCall the auditorCall the auditorCall the auditorCall the auditorCall the auditor', 3, 'pending', 'operations', 1.1, NULL, '2025-05-22 00:00:00', '2025-05-02 12:46:08.404877', '2026-11-25 09:54:22.247679', NULL, '[23, 7]', NULL, '["a\"b"]', NULL, NULL),
	(137, 2, 1, 'Call the auditor', '', 4, 'pending', 'marketing', 1.1, NULL, NULL, '2026-03-26 05:41:50.176135', '2026-11-25 09:54:22.247679', NULL, '[]', NULL, '[]', NULL, NULL),
	(136, 2, 2, 'Renew domain', 'Call the auditor', 1, 'pending', 'operations', 1.1, NULL, NULL, '2026-03-22 20:53:01.461913', '2026-11-25 09:54:22.247679', NULL, '[45, 46]', NULL, '["\u65e5\u672c", "q4"]', NULL, NULL),
	(27, 2, 1, 'Fix billing	with tab', '', 2, 'completed', 'marketing', 3, 0.5, '2025-05-14 00:00:00', '2025-05-04 21:04:59.444671', '2026-11-25 09:54:22.247679', '2025-05-23 05:18:59.966565', '[6, 4]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(149, 2, 1, 'Réviser le budget', '50% off, maybe50% off, maybe50% off, maybe', 4, 'pending', 'development', NULL, NULL, NULL, '2026-04-19 10:58:01.115834', '2026-11-25 09:54:22.247679', NULL, '[140]', NULL, '["a\"b", "urgent"]', NULL, NULL),
	(93, 2, 5, 'Größenordnung prüfen', '東京 office lease東京 office lease東京 office lease東京 office lease東京 office lease東京 office lease', 4, 'completed', 'marketing', 3, NULL, NULL, '2025-11-09 02:54:39.757458', '2026-11-25 09:54:22.247679', '2025-11-16 00:46:39.851896', '[]', NULL, '["\u65e5\u672c", "q4"]', 'business-agent', '/home/u/business agent'),
	(11, 2, 2, '東京 office lease', ' leading and trailing ', 5, 'completed', 'marketing', 1.1, NULL, '2025-04-08 00:00:00', '2025-04-06 01:48:12.984694', '2026-11-25 09:54:22.247679', '2025-04-16 07:47:13.322264', '[6, 4]', NULL, '["a\"b", "q4"]', NULL, NULL),
	(135, 2, NULL, 'Multi
line title', 'Call the auditorCall the auditorCall the auditorCall the auditorCall the auditor', 5, 'completed', 'marketing', 3, 0.5, '2026-03-27 00:00:00', '2026-03-22 16:19:19.372137', '2026-11-25 09:54:22.247679', '2026-03-24 18:15:19.43007', '[53, 38]', NULL, '["q4"]', 'business-agent', '/home/u/business agent'),
	(39, 2, 1, '', '東京 office lease東京 office lease', 4, 'pending', 'finance', 0.25, NULL, '2025-06-24 00:00:00', '2025-06-16 17:25:49.687133', '2026-11-25 09:54:22.247679', NULL, '[]', NULL, '["a\"b", "\u65e5\u672c"]', 'business-agent', '/home/u/business agent'),
	(131, 2, 13, '\N', '', 1, 'pending', 'development', 1.1, NULL, '2026-04-14 00:00:00', '2026-03-19 07:23:01.389825', '2026-11-25 09:54:22.247679', NULL, '[]', NULL, '["q4", "urgent"]', NULL, NULL),
	(17, 2, 3, 'O''Brien''s contract', '', 1, 'completed', NULL, NULL, 2, '2025-05-06 00:00:00', '2025-04-21 12:36:12.458785', '2026-11-25 09:54:22.247679', '2025-05-04 03:06:12.984195', '[3, 4]', NULL, '[]', NULL, NULL),
	(142, 2, 10, 'C:\backslash\path', '東京 office lease東京 office lease', 3, 'pending', 'marketing', 1.1, NULL, '2026-05-04 00:00:00', '2026-04-09 19:21:43.993365', '2026-11-25 09:54:22.247679', NULL, '[4]', NULL, '["a\"b"]', NULL, NULL),
	(66, 2, NULL, ' leading and trailing ', 'O''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contract', 2, 'pending', 'finance', NULL, NULL, NULL, '2025-08-21 19:52:05.583977', '2026-11-25 09:54:22.247679', NULL, '[14, 57]', NULL, '["\u65e5\u672c", "a\"b"]', 'business-agent', '/home/u/business agent'),
	(89, 2, 2, 'Write launch post', '', 1, 'pending', NULL, 0.25, NULL, NULL, '2025-11-01 11:05:28.820833', '2026-11-25 09:54:22.247679', NULL, '[67]', NULL, '["\u65e5\u672c"]', NULL, NULL),
	(33, 2, 3, '東京 office lease', 'Réviser le budgetRéviser le budgetRéviser le budget', 5, 'completed', 'operations', 0.25, NULL, '2025-06-03 00:00:00', '2025-05-21 08:56:04.02834', '2026-11-25 09:54:22.247679', '2025-06-09 12:46:04.879586', '[15]', NULL, '["a\"b", "\u65e5\u672c"]', 'business-agent', '/home/u/business agent'),
	(109, 2, 13, 'Fix billing	with tab', 'Fix billing	with tabFix billing	with tabFix billing	with tabFix billing	with tabFix billing	with tabFix billing	with tab', 2, 'pending', NULL, 1.1, NULL, '2026-01-28 01:00:00', '2026-01-08 15:58:06.363023', '2026-11-25 09:54:22.247679', NULL, '[78]', NULL, '["urgent"]', NULL, NULL),
	(57, 2, 3, 'O''Brien''s contract', 'Renew domainRenew domainRenew domainRenew domainRenew domainRenew domainRenew domainRenew domain', 3, 'pending', 'marketing', 0.25, NULL, '2025-08-27 00:00:00', '2025-08-02 16:44:03.025427', '2026-11-25 09:54:22.247679', NULL, '[]', NULL, '["urgent"]', 'business-agent', '/home/u/business agent'),
	(31, 2, NULL, 'NULL', 'Write launch postWrite launch postWrite launch postWrite launch postWrite launch post', 3, 'pending', 'marketing', 0.25, NULL, '2025-06-02 00:00:00', '2025-05-13 00:43:57.910464', '2026-11-25 09:54:22.247679', NULL, '[]', NULL, '["q4"]', NULL, NULL),
	(34, 2, NULL, 'O''Brien''s contract', 'Quote: "ship it"Quote: "ship it"Quote: "ship it"Quote: "ship it"', 4, 'completed', 'finance', 1.1, 0.5, '2025-06-16 00:00:00', '2025-05-26 21:03:08.053023', '2026-11-25 09:54:22.247679', '2025-06-12 02:45:08.748877', '[13]', NULL, '[]', NULL, NULL),
	(10, 2, 1, 'Multi
line title', '\N', 5, 'pending', 'development', NULL, NULL, '2025-04-19 00:00:00', '2025-04-05 12:23:20.848415', '2026-11-25 09:54:22.247679', NULL, '[9, 1]', NULL, '["urgent", "q4"]', NULL, NULL),
	(18, 2, 2, '50% off, maybe', 'NULLNULLNULLNULL', 4, 'pending', NULL, 0.25, NULL, '2025-05-22 00:00:00', '2025-04-24 22:21:25.726091', '2026-11-25 09:54:22.247679', NULL, '[3, 9]', NULL, '["a\"b", "q4"]', 'business-agent', '/home/u/business agent'),
	(146, 2, 11, '🚀 Demo day', '🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day', 1, 'pending', 'marketing', 3, NULL, NULL, '2026-04-14 18:25:41.684002', '2026-11-25 09:54:22.247679', NULL, '[]', NULL, '[]', NULL, NULL),
	(139, 2, 15, 'Renew domain', '', 5, 'pending', NULL, NULL, NULL, NULL, '2026-04-04 17:21:27.699164', '2026-11-25 09:54:22.247679', NULL, '[62]', NULL, '["q4", "\u65e5\u672c"]', NULL, NULL),
	(143, 2, 12, '\N', 'Renew domain', 4, 'pending', 'finance', 3, NULL, '2026-05-04 00:00:00', '2026-04-11 18:57:36.348324', '2026-11-25 09:54:22.247679', NULL, '[]', NULL, '[]', NULL, NULL),
	(98, 2, 5, 'Renew domain', 'Größenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfen', 1, 'completed', 'development', 0.25, NULL, NULL, '2025-12-01 05:02:59.139261', '2026-11-25 09:54:22.247679', '2025-12-10 22:55:59.631677', '[58, 37]', NULL, '["urgent", "q4"]', NULL, NULL),
	(64, 2, NULL, 'Quote: "ship it"', '', 4, 'completed', 'development', 3, 2, NULL, '2025-08-19 00:31:50.728796', '2026-11-25 09:54:22.247679', '2025-09-02 15:19:51.693483', '[50]', NULL, '["urgent"]', NULL, NULL),
	(145, 2, 17, 'Call the auditor', '', 4, 'completed', NULL, 1.1, 0.5, NULL, '2026-04-14 00:02:33.932033', '2026-11-25 09:54:22.247679', '2026-04-18 07:19:34.014126', '[81, 89]', NULL, '["a\"b", "urgent"]', NULL, NULL),
	(104, 2, 1, 'Réviser le budget', 'Fix billing	with tabFix billing	with tabFix billing	with tabFix billing	with tabFix billing	with tabFix billing	with tab', 1, 'completed', 'marketing', 1.1, NULL, '2025-12-24 01:00:00', '2025-12-16 03:05:00.347221', '2026-11-25 09:54:22.247679', '2025-12-27 09:41:00.720705', '[10, 29]', NULL, '[]', NULL, NULL),
	(102, 2, NULL, '', 'Größenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfen', 3, 'completed', 'marketing', 1.1, 2, '2026-01-04 01:00:00', '2025-12-11 03:59:09.744687', '2026-11-25 09:54:22.247679', '2025-12-28 02:28:09.993999', '[49, 99]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(71, 2, 2, 'Réviser le budget', 'Call the auditorCall the auditorCall the auditorCall the auditorCall the auditorCall the auditor', 4, 'pending', NULL, NULL, NULL, '2025-09-23 00:00:00', '2025-09-07 07:23:51.695452', '2026-11-25 09:54:22.247679', NULL, '[27, 26]', NULL, '[]', NULL, NULL),
	(115, 2, 12, '', '', 5, 'completed', 'marketing', 0.25, 2, NULL, '2026-01-21 16:42:23.036672', '2026-11-25 09:54:22.247679', '2026-02-06 05:36:24.035643', '[92]', NULL, '[]', NULL, NULL),
	(20, 2, 2, 'Changed in Bizy', '50% off, maybe50% off, maybe50% off, maybe50% off, maybe50% off, maybe50% off, maybe50% off, maybe', 4, 'completed', 'operations', NULL, NULL, '2025-05-15 00:00:00', '2025-04-26 04:24:13.30836', '2026-11-25 09:54:25.40749', '2025-05-04 19:57:13.377687', '[10]', NULL, '["\u65e5\u672c", "urgent"]', NULL, NULL),
	(2, 2, NULL, ' leading and trailing ', 'Réviser le budgetRéviser le budgetRéviser le budgetRéviser le budgetRéviser le budgetRéviser le budget', 1, 'pending', NULL, 3, NULL, NULL, '2025-03-17 10:24:50.961113', '2026-11-25 09:54:22.247679', NULL, '[1]', NULL, '[]', NULL, NULL),
	(72, 2, 4, '東京 office lease', 'Réviser le budgetRéviser le budgetRéviser le budgetRéviser le budgetRéviser le budgetRéviser le budgetRéviser le budgetRéviser le budget', 1, 'pending', 'operations', 0.25, NULL, '2025-10-06 00:00:00', '2025-09-10 04:48:52.503393', '2026-11-25 09:54:22.247679', NULL, '[31]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(47, 2, 2, 'Write launch post', '', 3, 'completed', 'marketing', NULL, 2, '2025-07-06 00:00:00', '2025-07-03 12:39:08.965353', '2026-11-25 09:54:22.247679', '2025-07-22 01:08:09.955746', '[30, 27]', NULL, '["urgent", "q4"]', NULL, NULL),
	(46, 2, 2, 'Renew domain', 'Multi
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line title', 5, 'pending', NULL, 3, NULL, '2025-07-26 00:00:00', '2025-06-29 23:20:24.210628', '2026-11-25 09:54:22.247679', NULL, '[12, 26]', NULL, '["\u65e5\u672c"]', NULL, NULL),
	(83, 2, NULL, '50% off, maybe', 'Multi
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line title', 4, 'pending', 'development', 3, NULL, '2025-11-03 01:00:00', '2025-10-18 01:24:26.225023', '2026-11-25 09:54:22.247679', NULL, '[67]', NULL, '["urgent"]', NULL, NULL),
	(15, 2, 3, 'Fix billing	with tab', '🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day', 4, 'completed', 'development', 1.1, 2, NULL, '2025-04-17 13:29:46.106931', '2026-11-25 09:54:22.247679', '2025-04-28 19:20:47.028098', '[5, 14]', NULL, '["urgent", "q4"]', 'business-agent', '/home/u/business agent'),
	(125, 2, 9, '50% off, maybe', '', 4, 'completed', 'finance', 0.25, NULL, '2026-03-08 01:00:00', '2026-02-26 14:53:30.758071', '2026-11-25 09:54:22.247679', '2026-03-14 20:55:31.190871', '[5, 117]', NULL, '["a\"b"]', NULL, NULL),
	(77, 2, 2, 'Write launch post', '🚀 Demo day🚀 Demo day🚀 Demo day', 3, 'completed', 'development', NULL, 0.5, '2025-10-07 00:00:00', '2025-09-21 03:44:53.126845', '2026-11-25 09:54:22.247679', '2025-10-05 23:26:54.119942', '[]', NULL, '["\u65e5\u672c", "q4"]', NULL, NULL),
	(140, 2, NULL, '50% off, maybe', '\N\N\N\N\N\N', 5, 'pending', 'operations', 1.1, NULL, '2026-04-29 00:00:00', '2026-04-04 19:27:22.945624', '2026-11-25 09:54:22.247679', NULL, '[]', NULL, '["\u65e5\u672c", "q4"]', NULL, NULL),
	(73, 2, 4, '東京 office lease', 'Réviser le budgetRéviser le budgetRéviser le budget', 1, 'completed', 'development', 0.25, NULL, '2025-10-02 00:00:00', '2025-09-14 06:18:33.269706', '2026-11-25 09:54:22.247679', '2025-09-21 14:02:33.451038', '[65]', NULL, '["\u65e5\u672c"]', NULL, NULL),
	(56, 2, 3, 'Call the auditor', 'NULLNULLNULLNULLNULLNULLNULLNULL', 1, 'completed', 'development', 1.1, 2, '2025-08-04 00:00:00', '2025-08-01 15:53:24.765918', '2026-11-25 09:54:22.247679', '2025-08-10 07:48:25.259277', '[40]', NULL, '[]', NULL, NULL),
	(40, 2, 1, '50% off, maybe', ' leading and trailing  leading and trailing  leading and trailing  leading and trailing  leading and trailing  leading and trailing ', 1, 'pending', 'development', 1.1, NULL, '2025-07-10 00:00:00', '2025-06-22 14:44:30.379912', '2026-11-25 09:54:22.247679', NULL, '[5]', NULL, '[]', NULL, NULL),
	(123, 2, NULL, 'Größenordnung prüfen', '🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day', 3, 'completed', 'operations', 0.25, 0.5, NULL, '2026-02-21 11:01:17.317794', '2026-11-25 09:54:22.247679', '2026-02-28 16:52:17.862751', '[]', NULL, '["urgent", "q4"]', 'business-agent', '/home/u/business agent'),
	(13, 2, NULL, 'Größenordnung prüfen', '', 4, 'completed', 'finance', 3, 0.5, '2025-04-29 00:00:00', '2025-04-16 06:42:52.808917', '2026-11-25 09:54:22.247679', '2025-04-26 09:09:53.215229', '[7, 4]', NULL, '["a\"b"]', NULL, NULL),
	(91, 2, 9, 'Renew domain', 'Fix billing	with tabFix billing	with tabFix billing	with tabFix billing	with tabFix billing	with tabFix billing	with tabFix billing	with tabFix billing	with tab', 5, 'completed', 'marketing', 3, 0.5, '2025-12-04 01:00:00', '2025-11-08 08:32:24.852424', '2026-11-25 09:54:22.247679', '2025-11-17 19:36:25.278784', '[21, 87]', NULL, '[]', NULL, NULL),
	(112, 2, 5, '\N', '', 2, 'completed', 'development', 1.1, 0.5, '2026-02-06 01:00:00', '2026-01-15 06:00:25.626915', '2026-11-25 09:54:22.247679', '2026-02-01 13:20:25.935953', '[]', NULL, '["\u65e5\u672c"]', NULL, NULL),
	(96, 2, 9, 'NULL', '', 2, 'completed', 'finance', 1.1, 0.5, '2025-11-28 01:00:00', '2025-11-21 03:15:30.404269', '2026-11-25 09:54:22.247679', '2025-12-08 05:24:31.377538', '[35, 88]', NULL, '["a\"b", "urgent"]', 'business-agent', '/home/u/business agent'),
	(107, 2, NULL, 'O''Brien''s contract', '50% off, maybe50% off, maybe50% off, maybe', 4, 'completed', 'development', 0.25, 0.5, '2026-01-07 01:00:00', '2026-01-04 01:26:31.384006', '2026-11-25 09:54:22.247679', '2026-01-11 11:36:31.548737', '[]', NULL, '[]', NULL, NULL),
	(108, 2, NULL, 'Renew domain', '東京 office lease', 4, 'completed', 'development', 0.25, 0.5, '2026-01-28 01:00:00', '2026-01-04 16:58:11.625731', '2026-11-25 09:54:22.247679', '2026-01-15 18:46:11.688249', '[29, 7]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(19, 2, 2, 'Call the auditor', 'O''Brien''s contract', 2, 'completed', NULL, 1.1, 0.5, '2025-05-21 00:00:00', '2025-04-25 10:30:19.953519', '2026-11-25 09:54:22.247679', '2025-04-30 21:46:20.161807', '[]', NULL, '["urgent", "\u65e5\u672c"]', NULL, NULL),
	(65, 2, 2, 'Fix billing	with tab', ' leading and trailing  leading and trailing  leading and trailing  leading and trailing  leading and trailing ', 2, 'pending', NULL, 3, NULL, NULL, '2025-08-20 07:04:44.176437', '2026-11-25 09:54:22.247679', NULL, '[47]', NULL, '["urgent"]', NULL, NULL),
	(52, 2, NULL, '🚀 Demo day', '東京 office lease東京 office lease東京 office lease東京 office lease東京 office lease東京 office lease', 5, 'pending', 'development', NULL, NULL, '2025-07-22 00:00:00', '2025-07-20 15:46:30.406643', '2026-11-25 09:54:22.247679', NULL, '[51]', NULL, '[]', NULL, NULL),
	(37, 2, 1, '東京 office lease', 'NULLNULLNULLNULLNULL', 2, 'completed', 'finance', 0.25, 0.5, '2025-06-19 00:00:00', '2025-06-14 16:03:17.954684', '2026-11-25 09:54:22.247679', '2025-06-27 21:04:18.793273', '[]', NULL, '["a\"b"]', NULL, NULL),
	(85, 2, 5, '', 'C:\backslash\pathC:\backslash\pathC:\backslash\pathC:\backslash\pathC:\backslash\path', 2, 'pending', NULL, 1.1, NULL, '2025-11-10 01:00:00', '2025-10-20 09:12:55.347415', '2026-11-25 09:54:22.247679', NULL, '[]', NULL, '[]', NULL, NULL),
	(32, 2, 2, 'Quote: "ship it"', '50% off, maybe50% off, maybe50% off, maybe', 5, 'pending', 'finance', 1.1, NULL, '2025-06-03 00:00:00', '2025-05-20 21:45:52.061507', '2026-11-25 09:54:22.247679', NULL, '[3, 17]', NULL, '["\u65e5\u672c"]', NULL, NULL),
	(78, 2, 3, 'NULL', 'Réviser le budgetRéviser le budgetRéviser le budgetRéviser le budgetRéviser le budgetRéviser le budgetRéviser le budget', 1, 'completed', 'finance', NULL, 2, NULL, '2025-09-23 12:06:27.642303', '2026-11-25 09:54:22.247679', '2025-10-04 14:20:02.377406', '[38]', NULL, '["urgent"]', 'business-agent', '/home/u/business agent'),
	(133, 2, 3, 'Réviser le budget', 'Renew domainRenew domainRenew domainRenew domainRenew domainRenew domain', 1, 'pending', 'finance', 0.25, NULL, NULL, '2026-03-20 20:49:56.681021', '2026-11-25 09:54:22.247679', NULL, '[]', NULL, '[]', NULL, NULL),
	(100, 2, 5, 'Write launch post', '\N\N\N\N\N\N\N', 1, 'pending', 'marketing', 0.25, NULL, NULL, '2025-12-05 06:26:10.521508', '2026-11-25 09:54:22.247679', NULL, '[49, 18]', NULL, '["\u65e5\u672c", "urgent"]', NULL, NULL),
	(113, 2, 9, '\N', 'Fix billing	with tabFix billing	with tabFix billing	with tabFix billing	with tab', 2, 'pending', 'finance', 1.1, NULL, '2026-02-11 01:00:00', '2026-01-17 09:57:39.151667', '2026-11-25 09:54:22.247679', NULL, '[]', NULL, '["a\"b"]', NULL, NULL),
	(24, 2, 1, 'Multi
line title', '東京 office lease東京 office lease東京 office lease', 4, 'completed', 'finance', NULL, NULL, '2025-05-30 00:00:00', '2025-04-30 23:11:17.490755', '2026-11-25 09:54:22.247679', '2025-05-06 04:30:17.553045', '[]', NULL, '["urgent", "q4"]', 'business-agent', '/home/u/business agent'),
	(55, 2, NULL, ' leading and trailing ', '', 5, 'pending', 'development', 1.1, NULL, NULL, '2025-07-29 07:15:51.78825', '2026-11-25 09:54:22.247679', NULL, '[]', NULL, '["q4"]', NULL, NULL),
	(68, 2, 4, 'Fix billing	with tab', '50% off, maybe50% off, maybe50% off, maybe', 2, 'pending', 'development', NULL, NULL, NULL, '2025-09-01 02:24:45.594368', '2026-11-25 09:54:22.247679', NULL, '[29, 26]', NULL, '[]', NULL, NULL),
	(128, 2, 9, 'O''Brien''s contract', 'Call the auditorCall the auditorCall the auditorCall the auditorCall the auditorCall the auditorCall the auditorCall the auditor', 4, 'pending', NULL, 0.25, NULL, '2026-04-12 00:00:00', '2026-03-15 11:45:57.930422', '2026-11-25 09:54:22.247679', NULL, '[]', NULL, '["\u65e5\u672c", "urgent"]', NULL, NULL),
	(38, 2, 4, 'Größenordnung prüfen', '東京 office lease東京 office lease', 3, 'completed', 'development', NULL, NULL, '2025-07-08 00:00:00', '2025-06-14 18:34:39.91331', '2026-11-25 09:54:22.247679', '2025-06-30 12:02:40.269825', '[]', NULL, '["q4", "a\"b"]', NULL, NULL),
	(129, 2, 5, 'C:\backslash\path', 'Write launch postWrite launch postWrite launch postWrite launch postWrite launch postWrite launch post', 1, 'pending', 'marketing', 0.25, NULL, '2026-04-11 00:00:00', '2026-03-15 13:03:22.070147', '2026-11-25 09:54:22.247679', NULL, '[120, 119]', NULL, '["\u65e5\u672c", "q4"]', 'business-agent', '/home/u/business agent'),
	(80, 2, 4, '', 'Write launch postWrite launch postWrite launch postWrite launch postWrite launch post', 4, 'pending', NULL, 0.25, NULL, NULL, '2025-10-04 00:42:39.943169', '2026-11-25 09:54:22.247679', NULL, '[25]', NULL, '[]', NULL, NULL),
	(110, 2, NULL, 'C:\backslash\path', 'Quote: "ship it"Quote: "ship it"Quote: "ship it"', 4, 'completed', NULL, 1.1, 2, '2026-01-28 01:00:00', '2026-01-12 14:41:40.942538', '2026-11-25 09:54:22.247679', '2026-01-18 06:41:41.485122', '[106, 24]', NULL, '[]', NULL, NULL),
	(99, 2, 5, 'Multi
line title', '', 3, 'pending', 'marketing', 3, NULL, '2025-12-26 01:00:00', '2025-12-04 19:36:34.413137', '2026-11-25 09:54:22.247679', NULL, '[90]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(48, 2, 1, 'Renew domain', 'Renew domainRenew domainRenew domainRenew domainRenew domain', 5, 'pending', 'finance', 0.25, NULL, '2025-07-07 00:00:00', '2025-07-05 04:18:49.381633', '2026-11-25 09:54:22.247679', NULL, '[37, 22]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(28, 2, 3, 'Write launch post', '', 4, 'completed', 'marketing', 1.1, 0.5, NULL, '2025-05-05 15:07:43.466007', '2026-11-25 09:54:22.247679', '2025-05-19 08:19:43.643824', '[22, 16]', NULL, '[]', NULL, NULL),
	(94, 2, 10, 'NULL', '🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day', 4, 'completed', NULL, NULL, 2, '2025-11-20 01:00:00', '2025-11-09 04:43:39.230289', '2026-11-25 09:54:22.247679', '2025-11-20 18:14:39.388442', '[]', NULL, '["urgent"]', NULL, NULL),
	(30, 2, 2, 'NULL', 'C:\backslash\pathC:\backslash\pathC:\backslash\pathC:\backslash\pathC:\backslash\path', 2, 'completed', NULL, 1.1, 0.5, '2025-05-27 00:00:00', '2025-05-09 11:35:36.725411', '2026-11-25 09:54:22.247679', '2025-05-28 02:36:37.064361', '[]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(95, 2, 2, 'Multi
line title', 'Quote: "ship it"Quote: "ship it"', 5, 'pending', 'finance', 0.25, NULL, '2025-12-11 01:00:00', '2025-11-16 01:26:27.134008', '2026-11-25 09:54:22.247679', NULL, '[]', NULL, '[]', NULL, NULL),
	(122, 2, 5, 'NULL', 'O''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contract', 1, 'pending', 'operations', 3, NULL, NULL, '2026-02-13 10:23:16.280494', '2026-11-25 09:54:22.247679', NULL, '[63, 116]', NULL, '["q4", "urgent"]', NULL, NULL),
	(62, 2, NULL, 'Größenordnung prüfen', 'Größenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfen', 3, 'completed', 'finance', 3, NULL, NULL, '2025-08-09 19:11:24.886757', '2026-11-25 09:54:22.247679', '2025-08-20 10:36:25.69309', '[26]', NULL, '["a\"b", "q4"]', NULL, NULL),
	(127, 2, 5, 'Größenordnung prüfen', 'C:\backslash\pathC:\backslash\pathC:\backslash\pathC:\backslash\pathC:\backslash\pathC:\backslash\path', 5, 'completed', 'marketing', 1.1, NULL, '2026-03-20 00:00:00', '2026-03-13 12:00:42.404247', '2026-11-25 09:54:22.247679', '2026-03-26 13:51:42.438933', '[]', NULL, '[]', NULL, NULL),
	(117, 2, 5, 'Größenordnung prüfen', '🚀 Demo day', 5, 'completed', 'operations', 1.1, NULL, NULL, '2026-01-23 08:12:53.013837', '2026-11-25 09:54:22.247679', '2026-01-27 12:24:53.807023', '[68, 76]', NULL, '["\u65e5\u672c", "a\"b"]', 'business-agent', '/home/u/business agent'),
	(97, 2, 10, 'Größenordnung prüfen', 'Call the auditorCall the auditorCall the auditorCall the auditor', 3, 'completed', 'development', 3, 0.5, NULL, '2025-11-30 18:19:13.861859', '2026-11-25 09:54:22.247679', '2025-12-06 15:59:14.695492', '[]', NULL, '["\u65e5\u672c", "q4"]', NULL, NULL),
	(114, 2, NULL, '🚀 Demo day', 'Renew domain', 5, 'pending', 'operations', 0.25, NULL, '2026-01-30 01:00:00', '2026-01-17 20:54:40.223307', '2026-11-25 09:54:22.247679', NULL, '[51, 60]', NULL, '["q4"]', 'business-agent', '/home/u/business agent'),
	(126, 2, 11, 'Multi
line title', '', 3, 'completed', 'operations', NULL, 2, NULL, '2026-03-09 00:56:48.843132', '2026-11-25 09:54:22.247679', '2026-03-13 22:50:49.247247', '[60, 93]', NULL, '["q4"]', 'business-agent', '/home/u/business agent'),
	(132, 2, 10, '', 'Fix billing	with tabFix billing	with tabFix billing	with tab', 5, 'pending', 'finance', 1.1, NULL, '2026-04-17 00:00:00', '2026-03-19 14:13:46.735014', '2026-11-25 09:54:22.247679', NULL, '[11, 123]', NULL, '["a\"b", "urgent"]', 'business-agent', '/home/u/business agent'),
	(67, 2, NULL, 'NULL', '東京 office lease東京 office lease', 3, 'pending', 'development', 0.25, NULL, NULL, '2025-08-27 01:46:50.078828', '2026-11-25 09:54:22.247679', NULL, '[22, 54]', NULL, '[]', NULL, NULL),
	(50, 2, 3, 'Write launch post', 'C:\backslash\pathC:\backslash\pathC:\backslash\pathC:\backslash\pathC:\backslash\path', 5, 'completed', 'operations', NULL, 2, '2025-07-26 00:00:00', '2025-07-13 07:57:32.131563', '2026-11-25 09:54:22.247679', '2025-07-26 19:08:32.747146', '[44]', NULL, '["q4"]', NULL, NULL),
	(51, 2, 3, '', '\N\N\N\N\N\N\N\N', 3, 'pending', 'marketing', NULL, NULL, '2025-08-09 00:00:00', '2025-07-17 09:44:21.247674', '2026-11-25 09:54:22.247679', NULL, '[]', NULL, '["\u65e5\u672c", "q4"]', 'business-agent', '/home/u/business agent'),
	(76, 2, 2, '', 'Multi
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line title', 3, 'pending', 'operations', 0.25, NULL, '2025-10-15 00:00:00', '2025-09-16 21:30:17.504379', '2026-11-25 09:54:22.247679', NULL, '[48, 12]', NULL, '[]', NULL, NULL),
	(69, 2, 2, '\N', '', 5, 'completed', 'operations', 1.1, NULL, '2025-10-01 00:00:00', '2025-09-02 10:28:49.255073', '2026-11-25 09:54:22.247679', '2025-09-21 05:07:49.799711', '[]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(81, 2, NULL, '', 'Quote: "ship it"Quote: "ship it"Quote: "ship it"Quote: "ship it"Quote: "ship it"Quote: "ship it"Quote: "ship it"', 1, 'pending', 'marketing', 0.25, NULL, NULL, '2025-10-06 03:58:06.411864', '2026-11-25 09:54:22.247679', NULL, '[24]', NULL, '["urgent"]', 'business-agent', '/home/u/business agent'),
	(79, 2, NULL, 'Call the auditor', '', 1, 'pending', 'development', 0.25, NULL, NULL, '2025-10-02 19:48:40.794156', '2026-11-25 09:54:22.247679', NULL, '[10, 56]', NULL, '["urgent"]', NULL, NULL),
	(42, 2, 4, '', 'Write launch postWrite launch postWrite launch post', 3, 'pending', NULL, NULL, NULL, NULL, '2025-06-26 14:15:57.740286', '2026-11-25 09:54:22.247679', NULL, '[15]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(90, 2, 2, 'Quote: "ship it"', 'Write launch postWrite launch postWrite launch postWrite launch postWrite launch postWrite launch post', 5, 'completed', 'marketing', 0.25, 2, NULL, '2025-11-04 14:00:16.899231', '2026-11-25 09:54:22.247679', '2025-11-14 13:33:16.973411', '[]', NULL, '["a\"b", "q4"]', 'business-agent', '/home/u/business agent'),
	(134, 2, 4, 'C:\backslash\path', 'C:\backslash\pathC:\backslash\pathC:\backslash\pathC:\backslash\pathC:\backslash\pathC:\backslash\pathC:\backslash\path', 3, 'completed', NULL, 0.25, NULL, '2026-03-30 00:00:00', '2026-03-21 04:33:22.772996', '2026-11-25 09:54:22.247679', '2026-04-06 23:46:22.923625', '[63]', NULL, '["q4", "\u65e5\u672c"]', NULL, NULL);
INSERT INTO public.tasks VALUES
	(59, 2, 2, 'O''Brien''s contract', 'Call the auditorCall the auditorCall the auditorCall the auditorCall the auditorCall the auditor', 5, 'completed', NULL, 1.1, NULL, '2025-08-31 00:00:00', '2025-08-05 17:08:31.617453', '2026-11-25 09:54:22.247679', '2025-08-15 04:37:32.483009', '[40, 54]', NULL, '["urgent", "q4"]', NULL, NULL),
	(116, 2, NULL, '🚀 Demo day', '\N\N\N\N\N\N\N', 4, 'completed', 'operations', NULL, NULL, '2026-02-15 01:00:00', '2026-01-23 02:49:02.164267', '2026-11-25 09:54:22.247679', '2026-02-04 02:29:02.842519', '[]', NULL, '["urgent", "\u65e5\u672c"]', NULL, NULL),
	(84, 2, 10, 'Größenordnung prüfen', 'NULLNULLNULLNULLNULLNULLNULL', 2, 'completed', NULL, 0.25, NULL, '2025-10-20 00:00:00', '2025-10-18 12:06:45.73736', '2026-11-25 09:54:22.247679', '2025-10-31 06:49:46.640766', '[8, 63]', NULL, '["q4", "urgent"]', 'business-agent', '/home/u/business agent'),
	(74, 2, 5, '東京 office lease', '50% off, maybe50% off, maybe50% off, maybe50% off, maybe50% off, maybe50% off, maybe', 1, 'pending', 'marketing', 0.25, NULL, '2025-10-07 00:00:00', '2025-09-15 01:33:09.41962', '2026-11-25 09:54:22.247679', NULL, '[70]', NULL, '["\u65e5\u672c"]', NULL, NULL),
	(29, 2, NULL, 'Renew domain', 'Quote: "ship it"Quote: "ship it"Quote: "ship it"Quote: "ship it"Quote: "ship it"Quote: "ship it"Quote: "ship it"Quote: "ship it"', 1, 'pending', 'operations', 3, NULL, NULL, '2025-05-08 11:08:31.148198', '2026-11-25 09:54:22.247679', NULL, '[]', NULL, '[]', NULL, NULL),
	(41, 2, 4, 'Größenordnung prüfen', '', 3, 'pending', 'marketing', 0.25, NULL, '2025-06-29 00:00:00', '2025-06-24 07:43:44.181445', '2026-11-25 09:54:22.247679', NULL, '[]', NULL, '["a\"b"]', NULL, NULL),
	(141, 2, 11, '', 'Call the auditorCall the auditorCall the auditorCall the auditorCall the auditorCall the auditorCall the auditor', 5, 'pending', 'marketing', 3, NULL, '2026-05-02 00:00:00', '2026-04-09 04:57:26.605487', '2026-11-25 09:54:22.247679', NULL, '[107, 10]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(138, 2, 15, '\N', 'Multi
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line title', 2, 'completed', 'development', 0.25, NULL, '2026-04-25 00:00:00', '2026-03-30 23:57:30.441511', '2026-11-25 09:54:22.247679', '2026-04-12 19:37:30.442033', '[]', NULL, '["\u65e5\u672c", "a\"b"]', 'business-agent', '/home/u/business agent'),
	(16, 2, 1, '東京 office lease', 'Quote: "ship it"', 3, 'pending', 'finance', 1.1, NULL, NULL, '2025-04-17 21:44:30.53249', '2026-11-25 09:54:22.247679', NULL, '[]', NULL, '[]', NULL, NULL),
	(54, 2, NULL, 'Call the auditor', 'Multi
line title', 3, 'completed', 'operations', 3, NULL, NULL, '2025-07-26 21:57:29.780488', '2026-11-25 09:54:22.247679', '2025-07-27 02:17:30.336971', '[10]', NULL, '["urgent"]', 'business-agent', '/home/u/business agent'),
	(103, 2, NULL, 'NULL', '🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day', 4, 'pending', 'marketing', 0.25, NULL, '2025-12-20 01:00:00', '2025-12-13 00:04:37.175104', '2026-11-25 09:54:22.247679', NULL, '[12]', NULL, '["a\"b"]', NULL, NULL),
	(148, 2, NULL, '50% off, maybe', 'Réviser le budgetRéviser le budgetRéviser le budget', 1, 'pending', 'development', NULL, NULL, NULL, '2026-04-18 02:12:20.949829', '2026-11-25 09:54:22.247679', NULL, '[114, 82]', NULL, '[]', NULL, NULL),
	(36, 2, 2, '🚀 Demo day', 'O''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contract', 1, 'pending', 'marketing', 1.1, NULL, '2025-07-10 00:00:00', '2025-06-13 10:32:30.477509', '2026-11-25 09:54:22.247679', NULL, '[23]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(4, 2, 1, 'Call the auditor', '', 2, 'pending', 'development', 0.25, NULL, NULL, '2025-03-23 19:31:13.885513', '2026-11-25 09:54:22.247679', NULL, '[]', NULL, '["a\"b"]', NULL, NULL),
	(53, 2, 3, '\N', 'Multi
line titleMulti
line titleMulti
line title', 3, 'completed', 'finance', 1.1, 0.5, '2025-07-29 00:00:00', '2025-07-24 06:43:36.920299', '2026-11-25 09:54:22.247679', '2025-07-31 16:49:37.347937', '[17]', NULL, '["\u65e5\u672c", "a\"b"]', NULL, NULL),
	(92, 2, 4, 'C:\backslash\path', '🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day', 3, 'completed', 'finance', 3, NULL, '2025-12-07 01:00:00', '2025-11-08 11:28:42.873987', '2026-11-25 09:54:22.247679', '2025-11-12 05:01:43.644401', '[]', NULL, '["urgent"]', NULL, NULL),
	(23, 2, 1, 'Multi
line title', 'O''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contract', 2, 'pending', 'operations', 3, NULL, NULL, '2025-04-30 11:40:15.91878', '2026-11-25 09:54:22.247679', NULL, '[19, 13]', NULL, '["a\"b", "urgent"]', NULL, NULL),
	(44, 2, 1, '50% off, maybe', 'O''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contract', 3, 'pending', 'finance', 1.1, NULL, '2025-07-10 00:00:00', '2025-06-28 14:40:12.948991', '2026-11-25 09:54:22.247679', NULL, '[37, 13]', NULL, '["q4", "a\"b"]', NULL, NULL),
	(58, 2, NULL, 'Call the auditor', ' leading and trailing  leading and trailing  leading and trailing  leading and trailing ', 1, 'pending', 'operations', 1.1, NULL, '2025-08-08 00:00:00', '2025-08-05 12:07:21.175458', '2026-11-25 09:54:22.247679', NULL, '[12]', NULL, '["q4", "a\"b"]', NULL, NULL),
	(1, 2, NULL, 'Write launch post', 'O''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contract', 5, 'completed', 'development', 1.1, 0.5, '2025-03-27 00:00:00', '2025-03-14 04:23:19.979714', '2026-11-25 09:54:22.247679', '2025-03-24 23:54:20.284264', '[]', NULL, '["urgent", "a\"b"]', NULL, NULL),
	(111, 2, 3, 'Fix billing	with tab', 'Write launch postWrite launch postWrite launch postWrite launch postWrite launch postWrite launch postWrite launch post', 1, 'pending', 'marketing', 1.1, NULL, '2026-01-20 01:00:00', '2026-01-13 03:37:04.826386', '2026-11-25 09:54:22.247679', NULL, '[]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(86, 2, 3, 'Call the auditor', 'Größenordnung prüfenGrößenordnung prüfen', 2, 'pending', 'development', NULL, NULL, '2025-11-03 01:00:00', '2025-10-24 05:24:07.184843', '2026-11-25 09:54:22.247679', NULL, '[45]', NULL, '["\u65e5\u672c", "q4"]', NULL, NULL),
	(49, 2, 1, '50% off, maybe', 'Multi
line titleMulti
line title', 5, 'completed', 'finance', NULL, 0.5, '2025-08-01 00:00:00', '2025-07-09 22:48:30.002938', '2026-11-25 09:54:22.247679', '2025-07-22 07:52:30.137896', '[22, 9]', NULL, '["urgent", "a\"b"]', NULL, NULL),
	(22, 2, 2, '50% off, maybe', 'Größenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfen', 1, 'pending', NULL, 0.25, NULL, '2025-05-17 00:00:00', '2025-04-29 01:37:26.604145', '2026-11-25 09:54:22.247679', NULL, '[8, 20]', NULL, '[]', NULL, NULL),
	(70, 2, 4, 'C:\backslash\path', '\N\N\N\N\N\N', 5, 'completed', 'finance', 0.25, NULL, '2025-09-12 00:00:00', '2025-09-06 15:40:46.120013', '2026-11-25 09:54:22.247679', '2025-09-26 05:17:46.440986', '[14]', NULL, '["urgent", "\u65e5\u672c"]', NULL, NULL),
	(45, 2, 2, 'Fix billing	with tab', 'Multi
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line title', 3, 'pending', 'operations', 1.1, NULL, NULL, '2025-06-28 18:50:19.147051', '2026-11-25 09:54:22.247679', NULL, '[7]', NULL, '["a\"b", "\u65e5\u672c"]', 'business-agent', '/home/u/business agent'),
	(60, 2, NULL, 'Fix billing	with tab', '', 2, 'completed', 'operations', 0.25, 0.5, '2025-08-26 00:00:00', '2025-08-06 22:45:01.544451', '2026-11-25 09:54:22.247679', '2025-08-09 10:24:01.875618', '[32]', NULL, '["q4", "\u65e5\u672c"]', 'business-agent', '/home/u/business agent'),
	(105, 2, NULL, 'C:\backslash\path', 'NULL', 3, 'completed', 'marketing', 1.1, 2, NULL, '2025-12-19 13:11:44.900332', '2026-11-25 09:54:22.247679', '2026-01-02 03:53:45.805448', '[]', NULL, '["q4"]', 'business-agent', '/home/u/business agent'),
	(75, 2, 1, 'Größenordnung prüfen', 'NULLNULLNULLNULLNULLNULLNULL', 2, 'completed', 'marketing', 1.1, 2, NULL, '2025-09-16 00:25:56.687277', '2026-11-25 09:54:22.247679', '2025-09-18 18:45:56.955884', '[74]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(124, 2, NULL, 'Réviser le budget', 'Renew domainRenew domainRenew domainRenew domainRenew domainRenew domainRenew domain', 1, 'pending', NULL, 0.25, NULL, '2026-03-08 01:00:00', '2026-02-25 22:59:35.79137', '2026-11-25 09:54:22.247679', NULL, '[57]', NULL, '[]', NULL, NULL),
	(43, 2, NULL, 'Größenordnung prüfen', 'C:\backslash\path', 2, 'pending', NULL, NULL, NULL, NULL, '2025-06-27 02:44:52.954951', '2026-11-25 09:54:22.247679', NULL, '[25, 22]', NULL, '["urgent"]', NULL, NULL),
	(3, 2, NULL, 'Fix billing	with tab', 'Call the auditorCall the auditorCall the auditorCall the auditorCall the auditorCall the auditorCall the auditorCall the auditor', 5, 'completed', 'marketing', 3, 2, '2025-03-27 00:00:00', '2025-03-18 20:33:35.168163', '2026-11-25 09:54:22.247679', '2025-03-22 07:36:35.540006', '[1]', NULL, '["\u65e5\u672c"]', 'business-agent', '/home/u/business agent'),
	(61, 2, 5, 'Write launch post', '東京 office lease東京 office lease東京 office lease東京 office lease東京 office lease東京 office lease東京 office lease東京 office lease', 1, 'pending', NULL, 1.1, NULL, '2025-09-05 00:00:00', '2025-08-07 23:56:59.98594', '2026-11-25 09:54:22.247679', NULL, '[6, 3]', NULL, '["a\"b"]', NULL, NULL),
	(87, 2, 4, 'Renew domain', 'Größenordnung prüfen', 3, 'completed', 'finance', 0.25, 0.5, '2025-11-06 01:00:00', '2025-10-27 20:29:02.164491', '2026-11-25 09:54:22.247679', '2025-11-10 14:44:02.173088', '[]', NULL, '["a\"b"]', 'business-agent', '/home/u/business agent'),
	(14, 2, 2, '\N', 'Größenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfen', 3, 'pending', 'marketing', 3, NULL, NULL, '2025-04-17 13:15:48.941881', '2026-11-25 09:54:22.247679', NULL, '[8]', NULL, '[]', NULL, NULL),
	(147, 2, 11, 'Größenordnung prüfen', 'Réviser le budgetRéviser le budgetRéviser le budgetRéviser le budgetRéviser le budgetRéviser le budgetRéviser le budget', 3, 'completed', 'finance', 0.25, 0.5, '2026-04-23 00:00:00', '2026-04-15 15:58:17.550494', '2026-11-25 09:54:22.247679', '2026-04-17 00:09:08.402816', '[]', NULL, '["urgent"]', 'business-agent', '/home/u/business agent'),
	(121, 2, 4, '50% off, maybe', 'Multi
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line title', 5, 'completed', NULL, 3, NULL, '2026-03-06 01:00:00', '2026-02-10 08:12:23.548812', '2026-11-25 09:54:22.247679', '2026-02-24 21:06:23.582811', '[]', NULL, '[]', NULL, NULL),
	(35, 2, 1, '\N', '', 1, 'completed', 'finance', 3, 0.5, '2025-06-21 00:00:00', '2025-05-27 14:06:43.23126', '2026-11-25 09:54:22.247679', '2025-06-11 20:59:43.50379', '[12, 10]', NULL, '["a\"b", "q4"]', NULL, NULL),
	(63, 2, 3, 'Réviser le budget', 'Réviser le budgetRéviser le budgetRéviser le budget', 2, 'pending', 'finance', 1.1, NULL, NULL, '2025-08-15 02:02:19.297489', '2026-11-25 09:54:22.247679', NULL, '[40, 12]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(9, 2, NULL, ' leading and trailing ', '\N\N', 4, 'completed', 'marketing', 0.25, 0.5, '2025-04-21 00:00:00', '2025-04-03 22:52:58.691051', '2026-11-25 09:54:22.247679', '2025-04-07 04:27:59.511278', '[5]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(118, 2, 9, 'Renew domain', '', 5, 'pending', 'operations', NULL, NULL, NULL, '2026-01-27 04:42:18.499338', '2026-11-25 09:54:22.247679', NULL, '[]', NULL, '["a\"b"]', NULL, NULL),
	(88, 2, 1, 'Fix billing	with tab', 'O''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contract', 1, 'completed', 'operations', NULL, NULL, '2025-11-11 01:00:00', '2025-10-28 08:12:50.590054', '2026-11-25 09:54:22.247679', '2025-11-10 10:10:51.198334', '[64, 75]', NULL, '[]', NULL, NULL),
	(130, 2, 4, '🚀 Demo day', '東京 office lease東京 office lease', 4, 'pending', 'marketing', 0.25, NULL, '2026-03-25 00:00:00', '2026-03-17 15:37:31.965498', '2026-11-25 09:54:22.247679', NULL, '[]', NULL, '["urgent"]', NULL, NULL),
	(144, 2, 16, 'Multi
line title', 'O''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contract', 3, 'completed', 'finance', 0.25, 0.5, NULL, '2026-04-12 20:04:07.382846', '2026-11-25 09:54:22.247679', '2026-04-18 02:18:05.649098', '[78, 84]', NULL, '["urgent", "\u65e5\u672c"]', 'business-agent', '/home/u/business agent'),
	(7, 2, 1, 'Edited in PostgreSQL', 'O''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contract', 3, 'completed', 'operations', 1.1, 0.5, '2025-04-12 00:00:00', '2025-03-30 08:32:27.538261', '2026-01-01 00:00:00', '2025-04-01 21:54:27.557957', '[5, 4]', NULL, '["\u65e5\u672c", "urgent"]', NULL, NULL),
	(12, 2, 2, 'Edited, then deleted in Bizy', ' leading and trailing  leading and trailing  leading and trailing  leading and trailing  leading and trailing  leading and trailing  leading and trailing ', 2, 'pending', 'development', 0.25, NULL, NULL, '2025-04-06 17:44:19.199171', '2026-11-25 09:54:22.247679', NULL, '[]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(21, 2, 2, 'Changed in Bizy', 'Größenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfen', 1, 'pending', 'marketing', 3, NULL, '2025-05-01 00:00:00', '2025-04-27 13:26:47.592862', '2026-11-25 09:54:25.40749', NULL, '[15, 7]', NULL, '["a\"b", "\u65e5\u672c"]', 'business-agent', '/home/u/business agent'),
	(300, 2, 40, 'Entered in Bizy', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2025-08-02 10:00:00', '2026-11-25 09:54:25.40749', NULL, NULL, NULL, NULL, NULL, NULL);


--
-- Data for Name: users; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.users VALUES
	(1, 'eve@example.org', 'eve', '', NULL, NULL, NULL, NULL, '2025-01-01 00:00:00', '2025-01-01 00:00:00', NULL, NULL),
	(2, 'admin@bizy.local', 'admin', '$2b$12$BoWguFfCy4athkUhIadfD.y2TA5kZ.heTH0BPVR8WEnFpyiOzCp3W', 'Default User (Migration)', true, true, true, '2026-11-25 09:54:19.984661', '2026-11-25 09:54:19.984661', NULL, NULL);


--
-- Name: business_plans_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.business_plans_id_seq', 3, false);


--
-- Name: daily_logs_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.daily_logs_id_seq', 12, false);


--
-- Name: goals_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.goals_id_seq', 501, true);


--
-- Name: metrics_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.metrics_id_seq', 15, false);


--
-- Name: research_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.research_id_seq', 10, false);


--
-- Name: tasks_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.tasks_id_seq', 901, true);


--
-- Name: users_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.users_id_seq', 3, false);


--
-- Name: adopted adopted_pkey; Type: CONSTRAINT; Schema: bizy_migration; Owner: -
--

ALTER TABLE ONLY bizy_migration.adopted
    ADD CONSTRAINT adopted_pkey PRIMARY KEY (table_name, id);


--
-- Name: creations creations_pkey; Type: CONSTRAINT; Schema: bizy_migration; Owner: -
--

ALTER TABLE ONLY bizy_migration.creations
    ADD CONSTRAINT creations_pkey PRIMARY KEY (kind, table_name, name);


--
-- Name: ledger_business_plans ledger_business_plans_pkey; Type: CONSTRAINT; Schema: bizy_migration; Owner: -
--

ALTER TABLE ONLY bizy_migration.ledger_business_plans
    ADD CONSTRAINT ledger_business_plans_pkey PRIMARY KEY (id);


--
-- Name: ledger_daily_logs ledger_daily_logs_pkey; Type: CONSTRAINT; Schema: bizy_migration; Owner: -
--

ALTER TABLE ONLY bizy_migration.ledger_daily_logs
    ADD CONSTRAINT ledger_daily_logs_pkey PRIMARY KEY (id);


--
-- Name: ledger_goals ledger_goals_pkey; Type: CONSTRAINT; Schema: bizy_migration; Owner: -
--

ALTER TABLE ONLY bizy_migration.ledger_goals
    ADD CONSTRAINT ledger_goals_pkey PRIMARY KEY (id);


--
-- Name: ledger_metrics ledger_metrics_pkey; Type: CONSTRAINT; Schema: bizy_migration; Owner: -
--

ALTER TABLE ONLY bizy_migration.ledger_metrics
    ADD CONSTRAINT ledger_metrics_pkey PRIMARY KEY (id);


--
-- Name: ledger_research ledger_research_pkey; Type: CONSTRAINT; Schema: bizy_migration; Owner: -
--

ALTER TABLE ONLY bizy_migration.ledger_research
    ADD CONSTRAINT ledger_research_pkey PRIMARY KEY (id);


--
-- Name: ledger_tasks ledger_tasks_pkey; Type: CONSTRAINT; Schema: bizy_migration; Owner: -
--

ALTER TABLE ONLY bizy_migration.ledger_tasks
    ADD CONSTRAINT ledger_tasks_pkey PRIMARY KEY (id);


--
-- Name: loads loads_pkey; Type: CONSTRAINT; Schema: bizy_migration; Owner: -
--

ALTER TABLE ONLY bizy_migration.loads
    ADD CONSTRAINT loads_pkey PRIMARY KEY (run, table_name);


--
-- Name: rejected_rows rejected_rows_pkey; Type: CONSTRAINT; Schema: bizy_migration; Owner: -
--

ALTER TABLE ONLY bizy_migration.rejected_rows
    ADD CONSTRAINT rejected_rows_pkey PRIMARY KEY (source, table_name, "position", column_name);


--
-- Name: repairs repairs_pkey; Type: CONSTRAINT; Schema: bizy_migration; Owner: -
--

ALTER TABLE ONLY bizy_migration.repairs
    ADD CONSTRAINT repairs_pkey PRIMARY KEY (source, table_name, source_id, column_name);


--
-- Name: runs runs_pkey; Type: CONSTRAINT; Schema: bizy_migration; Owner: -
--

ALTER TABLE ONLY bizy_migration.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (id);


--
-- Name: sequence_moves sequence_moves_pkey; Type: CONSTRAINT; Schema: bizy_migration; Owner: -
--

ALTER TABLE ONLY bizy_migration.sequence_moves
    ADD CONSTRAINT sequence_moves_pkey PRIMARY KEY (table_name);


--
-- Name: version version_pkey; Type: CONSTRAINT; Schema: bizy_migration; Owner: -
--

ALTER TABLE ONLY bizy_migration.version
    ADD CONSTRAINT version_pkey PRIMARY KEY (number);


--
-- Name: business_plans business_plans_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.business_plans
    ADD CONSTRAINT business_plans_pkey PRIMARY KEY (id);


--
-- Name: daily_logs daily_logs_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.daily_logs
    ADD CONSTRAINT daily_logs_pkey PRIMARY KEY (id);


--
-- Name: goals goals_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.goals
    ADD CONSTRAINT goals_pkey PRIMARY KEY (id);


--
-- Name: metrics metrics_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.metrics
    ADD CONSTRAINT metrics_pkey PRIMARY KEY (id);


--
-- Name: research research_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.research
    ADD CONSTRAINT research_pkey PRIMARY KEY (id);


--
-- Name: tasks tasks_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_pkey PRIMARY KEY (id);


--
-- Name: users users_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);


--
-- Name: ix_business_plans_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_business_plans_id ON public.business_plans USING btree (id);


--
-- Name: ix_business_plans_user_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_business_plans_user_id ON public.business_plans USING btree (user_id);


--
-- Name: ix_business_plans_user_is_active; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_business_plans_user_is_active ON public.business_plans USING btree (user_id, is_active);


--
-- Name: ix_daily_logs_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_daily_logs_id ON public.daily_logs USING btree (id);


--
-- Name: ix_daily_logs_user_date; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX ix_daily_logs_user_date ON public.daily_logs USING btree (user_id, date);


--
-- Name: ix_daily_logs_user_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_daily_logs_user_id ON public.daily_logs USING btree (user_id);


--
-- Name: ix_goals_created_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_goals_created_at ON public.goals USING btree (created_at);


--
-- Name: ix_goals_horizon; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_goals_horizon ON public.goals USING btree (horizon);


--
-- Name: ix_goals_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_goals_id ON public.goals USING btree (id);


--
-- Name: ix_goals_parent_goal_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_goals_parent_goal_id ON public.goals USING btree (parent_goal_id);


--
-- Name: ix_goals_target_date; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_goals_target_date ON public.goals USING btree (target_date);


--
-- Name: ix_goals_user_horizon; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_goals_user_horizon ON public.goals USING btree (user_id, horizon);


--
-- Name: ix_goals_user_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_goals_user_id ON public.goals USING btree (user_id);


--
-- Name: ix_goals_user_status; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_goals_user_status ON public.goals USING btree (user_id, status);


--
-- Name: ix_goals_user_target_date; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_goals_user_target_date ON public.goals USING btree (user_id, target_date);


--
-- Name: ix_metrics_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_metrics_id ON public.metrics USING btree (id);


--
-- Name: ix_metrics_user_category; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_metrics_user_category ON public.metrics USING btree (user_id, category);


--
-- Name: ix_metrics_user_date; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_metrics_user_date ON public.metrics USING btree (user_id, date);


--
-- Name: ix_metrics_user_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_metrics_user_id ON public.metrics USING btree (user_id);


--
-- Name: ix_metrics_user_metric_name_date; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_metrics_user_metric_name_date ON public.metrics USING btree (user_id, metric_name, date);


--
-- Name: ix_research_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_research_id ON public.research USING btree (id);


--
-- Name: ix_research_user_category; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_research_user_category ON public.research USING btree (user_id, category);


--
-- Name: ix_research_user_date_found; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_research_user_date_found ON public.research USING btree (user_id, date_found);


--
-- Name: ix_research_user_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_research_user_id ON public.research USING btree (user_id);


--
-- Name: ix_tasks_category; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_tasks_category ON public.tasks USING btree (category);


--
-- Name: ix_tasks_created_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_tasks_created_at ON public.tasks USING btree (created_at);


--
-- Name: ix_tasks_due_date; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_tasks_due_date ON public.tasks USING btree (due_date);


--
-- Name: ix_tasks_goal_status; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_tasks_goal_status ON public.tasks USING btree (parent_goal_id, status);


--
-- Name: ix_tasks_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_tasks_id ON public.tasks USING btree (id);


--
-- Name: ix_tasks_parent_goal_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_tasks_parent_goal_id ON public.tasks USING btree (parent_goal_id);


--
-- Name: ix_tasks_user_category; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_tasks_user_category ON public.tasks USING btree (user_id, category);


--
-- Name: ix_tasks_user_due_date; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_tasks_user_due_date ON public.tasks USING btree (user_id, due_date);


--
-- Name: ix_tasks_user_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_tasks_user_id ON public.tasks USING btree (user_id);


--
-- Name: ix_tasks_user_status; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_tasks_user_status ON public.tasks USING btree (user_id, status);


--
-- Name: ix_users_email; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX ix_users_email ON public.users USING btree (email);


--
-- Name: ix_users_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_users_id ON public.users USING btree (id);


--
-- Name: ix_users_username; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX ix_users_username ON public.users USING btree (username);


--
-- Name: business_plans business_plans_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.business_plans
    ADD CONSTRAINT business_plans_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: daily_logs daily_logs_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.daily_logs
    ADD CONSTRAINT daily_logs_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: goals goals_parent_goal_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.goals
    ADD CONSTRAINT goals_parent_goal_id_fkey FOREIGN KEY (parent_goal_id) REFERENCES public.goals(id) ON DELETE SET NULL;


--
-- Name: goals goals_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.goals
    ADD CONSTRAINT goals_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: metrics metrics_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.metrics
    ADD CONSTRAINT metrics_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: research research_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.research
    ADD CONSTRAINT research_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: tasks tasks_parent_goal_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_parent_goal_id_fkey FOREIGN KEY (parent_goal_id) REFERENCES public.goals(id) ON DELETE SET NULL;


--
-- Name: tasks tasks_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- PostgreSQL database dump complete
--


