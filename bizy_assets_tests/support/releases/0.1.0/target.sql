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
	('goals', 40, 1, '{"id":40,"user_id":2,"parent_goal_id":null,"title":"Entered in PostgreSQL","description":null,"horizon":null,"target_date":null,"status":null,"progress_percentage":null,"success_criteria":null,"created_at":"2025-08-01T00:00:00","updated_at":"2025-09-01T00:00:00","completed_at":"2025-09-01T00:00:00","metrics":null,"project_name":null,"repository_path":null}'),
	('tasks', 300, 1, '{"id":300,"user_id":2,"parent_goal_id":40,"title":"Entered in PostgreSQL","description":null,"priority":null,"status":null,"category":null,"estimated_hours":null,"actual_hours":null,"due_date":null,"created_at":"2025-08-02T00:00:00","updated_at":"2025-08-02T00:00:00","completed_at":null,"dependencies":null,"notes":null,"tags":null,"project_name":null,"repository_path":null}');


--
-- Data for Name: creations; Type: TABLE DATA; Schema: bizy_migration; Owner: -
--

INSERT INTO bizy_migration.creations VALUES
	('schema', '', 'bizy_migration'),
	('column', 'goals', 'project_name'),
	('column', 'goals', 'repository_path'),
	('column', 'tasks', 'project_name'),
	('column', 'tasks', 'repository_path'),
	('index', 'tasks', 'ix_tasks_goal_status'),
	('constraint', 'tasks', 'tasks_parent_goal_id_fkey'),
	('table', 'daily_logs', 'daily_logs'),
	('index', 'daily_logs', 'ix_daily_logs_id'),
	('index', 'daily_logs', 'ix_daily_logs_user_date'),
	('index', 'daily_logs', 'ix_daily_logs_user_id'),
	('constraint', 'daily_logs', 'daily_logs_user_id_fkey'),
	('table', 'research', 'research'),
	('index', 'research', 'ix_research_id'),
	('index', 'research', 'ix_research_user_category'),
	('index', 'research', 'ix_research_user_date_found'),
	('index', 'research', 'ix_research_user_id'),
	('constraint', 'research', 'research_user_id_fkey'),
	('table', 'metrics', 'metrics'),
	('index', 'metrics', 'ix_metrics_id'),
	('index', 'metrics', 'ix_metrics_user_category'),
	('index', 'metrics', 'ix_metrics_user_date'),
	('index', 'metrics', 'ix_metrics_user_id'),
	('index', 'metrics', 'ix_metrics_user_metric_name_date'),
	('constraint', 'metrics', 'metrics_user_id_fkey'),
	('table', 'business_plans', 'business_plans'),
	('index', 'business_plans', 'ix_business_plans_id'),
	('index', 'business_plans', 'ix_business_plans_user_id'),
	('index', 'business_plans', 'ix_business_plans_user_is_active'),
	('constraint', 'business_plans', 'business_plans_user_id_fkey');


--
-- Data for Name: ledger_business_plans; Type: TABLE DATA; Schema: bizy_migration; Owner: -
--

INSERT INTO bizy_migration.ledger_business_plans VALUES
	(1, '3555ec98-ee87-deca-39ce-9973c67d589d', 3, NULL),
	(2, '773c37d9-5e94-53cb-cabc-9abe22b4c32c', 3, NULL);


--
-- Data for Name: ledger_daily_logs; Type: TABLE DATA; Schema: bizy_migration; Owner: -
--

INSERT INTO bizy_migration.ledger_daily_logs VALUES
	(11, 'eab7ddb0-da7d-3e5f-0937-d371b97bee81', 3, NULL),
	(10, 'c43a8895-2445-8180-5bf5-28dbd147ce12', 3, NULL),
	(9, 'b4101074-4918-3944-db93-515110e9d4c5', 3, NULL),
	(8, '037c0653-4b0b-fecd-9692-7ea04f5ae7c3', 3, NULL),
	(7, '83ae194e-2510-6469-2815-03767ca2b6de', 3, NULL),
	(6, 'c2aee47e-1377-aa21-9f5a-db0818360cd7', 3, NULL),
	(5, '335be5ba-815f-354d-6601-ecf635abdeee', 3, NULL),
	(4, '07c6f30d-33cc-d767-73f7-59796ca3183c', 3, NULL),
	(3, '038d6963-ec28-4761-fe5b-1afd84b359fc', 3, NULL),
	(2, '58c68aec-6db9-c151-b6c6-bbc49ae634cb', 3, NULL),
	(1, 'a772caff-746b-05a3-1eef-9821e34ea932', 3, NULL);


--
-- Data for Name: ledger_goals; Type: TABLE DATA; Schema: bizy_migration; Owner: -
--

INSERT INTO bizy_migration.ledger_goals VALUES
	(11, '53415a45-9427-cd04-976f-b90b495d9e20', 3, NULL),
	(17, '9f2af2b4-0a18-e469-79cf-ce2bbaa56bcd', 3, NULL),
	(12, '31e6cd0a-3491-eeb1-7f9d-768c849803cc', 3, NULL),
	(10, 'c099e089-98a6-4c70-468c-52a89958e4c9', 3, NULL),
	(2, 'e6e635c9-9e05-014f-1bc3-de3ac4514ac6', 3, NULL),
	(15, '08c2f880-f77b-dc09-a8cc-052aa40dbb80', 3, NULL),
	(40, '1b506625-bf43-ad77-da31-5c371ff84c82', 3, 'found'),
	(13, '66e3db29-c268-525f-df0b-3696afcf718b', 3, NULL),
	(5, '81a5d787-9dea-f813-5851-f40a20c5e2ba', 3, NULL),
	(16, '390c846c-c0bd-f65c-ab5a-2bdae7697126', 3, NULL),
	(4, 'c36416e7-f74e-5f52-e69c-9a0025cb0a8c', 3, NULL),
	(1, '83e40b2a-0557-5f3a-4aec-be0a19b3b148', 3, NULL),
	(3, 'de282aa5-b9b7-e640-b5ec-896026cf8d6d', 3, NULL),
	(9, '64277471-3e94-ed28-929c-e7614d830cf5', 3, NULL);


--
-- Data for Name: ledger_metrics; Type: TABLE DATA; Schema: bizy_migration; Owner: -
--

INSERT INTO bizy_migration.ledger_metrics VALUES
	(14, '0c1e55aa-033b-fa10-e0aa-b75f0adffa7c', 3, NULL),
	(13, 'dba56693-7286-0beb-de02-c75d58ef8332', 3, NULL),
	(12, '680e26d6-bf05-08de-e19d-d35ccb89b16c', 3, NULL),
	(11, '67f4bcbd-308a-ad8d-5b41-246b2dceb6a2', 3, NULL),
	(10, 'a1f1cf82-8cd0-1f88-0bf0-988f26c30255', 3, NULL),
	(9, '25ed1fb3-c604-4cf6-fcea-2f8fb9a713e2', 3, NULL),
	(8, '769fcb0e-bc8a-ba6d-9a96-0d397eb4d681', 3, NULL),
	(7, 'de84fde1-bce3-3902-a9f2-c9c4fe637c6a', 3, NULL),
	(6, 'd0cb09af-aec0-5c8a-29d7-3fb1b603b5af', 3, NULL),
	(5, 'd00875a6-be2e-68de-55bd-83744c095323', 3, NULL),
	(4, 'a686648a-4c19-f471-b3d0-c76833b45a5b', 3, NULL),
	(3, '639aa82a-9afe-8fbb-b1e3-e544895ce798', 3, NULL),
	(2, '85b0b679-6cfc-e6ae-9a31-049445beb64a', 3, NULL),
	(1, 'a36c611e-87e8-0297-2427-b53d2c68d779', 3, NULL);


--
-- Data for Name: ledger_research; Type: TABLE DATA; Schema: bizy_migration; Owner: -
--

INSERT INTO bizy_migration.ledger_research VALUES
	(9, '11ff6c58-7b63-882f-06ae-dddc125a7b3d', 3, NULL),
	(8, 'd72c565d-1928-2082-7f01-385ba107f2d9', 3, NULL),
	(7, 'ce6a8522-746a-e7f3-78d7-115fc2df1d17', 3, NULL),
	(6, 'a146c72a-a8a5-40ae-15a6-c32393f51fc8', 3, NULL),
	(5, '44a04206-254d-ffe9-6236-704ff1e648e9', 3, NULL),
	(4, '3ea1c2f0-fd77-53b6-a222-b2d62aa10177', 3, NULL),
	(3, 'bb8c3efa-f342-6c7f-aa67-38dc56b58402', 3, NULL),
	(2, 'af2d11fb-99a5-a5dc-cc7b-e0f549532d84', 3, NULL),
	(1, '3332dcdb-07e1-ae33-2f32-46787f002b15', 3, NULL);


--
-- Data for Name: ledger_tasks; Type: TABLE DATA; Schema: bizy_migration; Owner: -
--

INSERT INTO bizy_migration.ledger_tasks VALUES
	(12, '1ebba80e-b8e3-56f8-f1ae-8be6da9106ed', 1, 'edited'),
	(106, '5b0003aa-27b6-d7c4-95bc-ce2fcd9a441f', 3, NULL),
	(120, 'a4235a69-545c-3ea1-0ea2-3e304e1b4cb4', 3, NULL),
	(119, '1d8de91f-e8d2-2da8-1997-028eb72350c1', 3, NULL),
	(101, '732af225-5ba1-e9a2-d3c2-4c67bf00a7e6', 3, NULL),
	(82, 'fee5959a-5075-3024-3d97-83b558f7c3be', 3, NULL),
	(25, '277832ed-8646-d5c2-061d-806d73cd98a7', 3, NULL),
	(26, '234833d2-fee4-ced5-668e-2800ae970789', 3, NULL),
	(137, '3415833e-739c-87fd-f365-7d4d6e1f8ff5', 3, NULL),
	(136, '9389587b-f7be-caf4-2100-d56c08c2e4d1', 3, NULL),
	(27, 'bead2628-8ca7-761f-d1a4-9526360bea4d', 3, NULL),
	(149, '354f4d49-4d49-30da-ecb1-d0b2c9038e0e', 3, NULL),
	(93, '2d7dcb9c-b61d-a937-28cb-02c17fe5c8e9', 3, NULL),
	(11, 'c20dfeb2-ce53-4e3d-c939-5c415670c093', 3, NULL),
	(135, '1c050567-72e8-8f5a-b1c6-ef144ee53dae', 3, NULL),
	(39, 'f87d917d-132b-63d0-6672-2450ab6222e1', 3, NULL),
	(131, '8693c52c-2ee9-e285-786c-6d81633f072f', 3, NULL),
	(17, 'f39b9416-539a-b4a7-3095-a96c7ab65813', 3, NULL),
	(142, 'a3e2d1c5-871f-416c-6302-e182df9b4430', 3, NULL),
	(66, '3492ee1f-b058-5fa6-9cbe-fee4f77fea48', 3, NULL),
	(89, '4645129a-72b6-9f73-1e0c-b8dfe500002a', 3, NULL),
	(33, '1f0091e3-71c4-85ac-7826-8382bf26d58c', 3, NULL),
	(109, '3517f581-d5c4-5601-ef21-08f208863829', 3, NULL),
	(57, '3a3b507c-0643-159f-baef-88923306223f', 3, NULL),
	(31, '014b4c5f-7625-e5e5-7984-f0f20d48999a', 3, NULL),
	(34, '2448f2bd-a16a-92c8-1a73-c83189c499d4', 3, NULL),
	(10, '29b33c49-544b-0129-c3a3-89fb6b9d33b0', 3, NULL),
	(18, 'b2564dc4-b18b-d9c6-faad-d5041d25e5c9', 3, NULL),
	(146, '7dd6c521-09c3-fd09-3edf-c422ee275597', 3, NULL),
	(139, '63591550-8438-ce44-1ad6-c9de2b4c0266', 3, NULL),
	(143, '65f05b80-31f4-d5bd-479c-7bda2aee5f7c', 3, NULL),
	(98, '8cc74fb8-4bb7-cfa5-12cd-89893efbe8bc', 3, NULL),
	(64, 'e37a3d55-8611-e97f-27ae-4d341040c06f', 3, NULL),
	(145, 'e5ee2d28-582e-3881-c9c3-879689bb5d15', 3, NULL),
	(104, 'f13d19fe-b500-8abe-ac35-33288846c584', 3, NULL),
	(102, '476d99d0-41f2-ec7e-b420-293e3bec7070', 3, NULL),
	(71, 'afbb08e4-c32f-ff9c-76a9-175078ffc69d', 3, NULL),
	(2, 'de1afd3e-c31c-a2ea-2445-68ac3762587c', 3, NULL),
	(72, '7eb026fb-c2af-1861-905c-b742bac63eae', 3, NULL),
	(47, '192bba4e-cecc-a2e0-26aa-2fba8a0919cb', 3, NULL),
	(46, '783e08ce-dbe0-d224-f3bd-b57cae6487b0', 3, NULL),
	(83, '7e2c3cee-ca9a-c73d-5b29-15c71c3b9a55', 3, NULL),
	(15, '2d6cd5b8-c4c4-d5dc-65da-e7a6ff28589d', 3, NULL),
	(125, 'ee54b255-71cc-83f4-a6ee-3feae55637c0', 3, NULL),
	(77, '1d88eb9e-f503-3548-a781-5f577af64a30', 3, NULL),
	(140, 'be952f4d-97b8-5da7-0c8d-5aadae8895cd', 3, NULL),
	(73, '18e8953a-8404-9686-4f78-59cf6954eaa0', 3, NULL),
	(56, '3d6831a0-cbe5-514b-c8c9-3f7cc735cbae', 3, NULL),
	(40, '6014a447-bedc-4ef3-fdf2-8fe0a9abce79', 3, NULL),
	(123, '4c22ba05-7734-f2d7-d4ab-ba5e53df3d6e', 3, NULL),
	(13, 'd071d660-3c56-943d-8666-7183f6ecf0d2', 3, NULL),
	(91, 'a8dc4c14-1ed6-a1f7-9681-09084d159d88', 3, NULL),
	(112, '8a48861a-5b24-2bbd-be6c-f2340a282ee4', 3, NULL),
	(96, '7bcdb009-2656-c3c7-d06b-dabb9250c9c1', 3, NULL),
	(107, 'f1541ecf-021f-9487-101f-1ce5c7b449b0', 3, NULL),
	(108, 'e68cf18d-9db9-e811-343a-3a9773dfc89e', 3, NULL),
	(19, 'c5d351dd-72d5-b192-63bf-6d640ca2326c', 3, NULL),
	(65, '7b42a7a2-e87d-d26a-a647-f4121412a662', 3, NULL),
	(52, '3c966c07-3288-9b2b-eb54-2c66f6d44843', 3, NULL),
	(37, 'c753a157-363f-aa9f-5811-0de619ad8b59', 3, NULL),
	(85, 'c9376992-f9dd-9d77-5dff-197b8ff829c3', 3, NULL),
	(32, 'd0179296-ce0c-8d32-02cf-fa87e184f231', 3, NULL),
	(78, '7dc4bac6-9a69-a611-a237-0ce1fbcde62f', 3, NULL),
	(133, 'fd17d25a-fe55-4ac1-68de-7962ec788aba', 3, NULL),
	(100, 'fb1f1ac0-f5b5-afb1-871a-e8b14284e95d', 3, NULL),
	(113, '59a4f873-f0a2-aacf-5ea7-fa9aee444795', 3, NULL),
	(24, 'a99504f1-6bcd-283b-7d44-ac5d730602f8', 3, NULL),
	(55, '1bdb2916-dc90-c16c-4a15-9c9762adbaac', 3, NULL),
	(68, '5f496166-d8ca-fa8e-6808-c466f4f400f0', 3, NULL),
	(128, 'b0281b4f-c4aa-e331-a04a-f313f313bc46', 3, NULL),
	(38, 'e43ec908-26bd-0e2e-22a8-e1b6df2bd625', 3, NULL),
	(300, '06a393f7-db30-e838-8dbc-5936c49c3236', 3, NULL),
	(129, 'b537117d-d54d-4502-18f6-79934c489a69', 3, NULL),
	(80, '09fe0519-996e-0617-b146-63ca69806b0a', 3, NULL),
	(5002, '512c52fd-d931-82ee-fba5-15fa9c78fbb1', 3, NULL),
	(110, '265f0a84-b9b1-4760-0edd-82a3d1fb9b59', 3, NULL),
	(99, '6456078a-b601-b5a9-ae07-e0bac379f405', 3, NULL),
	(48, '5898bd35-ee9b-e365-a3cf-b17249669107', 3, NULL),
	(28, 'ebf6ed4c-fd54-31c1-115e-bdc76504a0ed', 3, NULL),
	(94, '804448c1-49ca-41bb-ffa6-81eb1151872c', 3, NULL),
	(30, 'd0bd025a-4ef6-4d40-9482-19ff54234a87', 3, NULL),
	(95, '4cc12e99-0654-9870-ce93-57b3fcd2a17f', 3, NULL),
	(122, '9a93b310-efb9-2e00-e043-74689035f9ff', 3, NULL),
	(62, 'cd4ed11b-9727-5baa-ab03-c308ff400bfe', 3, NULL),
	(127, '11355060-dc43-e208-c581-a204526e48a7', 3, NULL),
	(117, '0e2698a7-ce58-1c0a-bd3a-7495945aba74', 3, NULL),
	(5000, '6df3e7d2-3297-8eb6-40d2-ecf40270d85f', 3, NULL),
	(97, 'e76d603f-d0bb-4c57-d137-5a3b7eb5933d', 3, NULL),
	(114, '7a8be2bc-d766-ad2a-e989-fa58769ac707', 3, NULL),
	(126, '245aa7aa-f759-662c-40fc-97a285320eb3', 3, NULL),
	(132, 'e513d2d1-9d99-cbf2-089e-67dd59c97fc7', 3, NULL),
	(67, 'c7e4c52f-6c87-4951-5dac-2a6e84678153', 3, NULL),
	(50, '3d50d5f7-5566-7216-5381-333ef3f95b6f', 3, NULL),
	(51, 'cec08e09-9ca1-dad8-2300-e67702fd3617', 3, NULL),
	(76, '30e78d9e-e965-ae4c-763a-e4eeb9202416', 3, NULL),
	(69, '019eb5ad-0d87-4d28-7360-05bb33e65f62', 3, NULL),
	(81, 'a2afd71b-dd0a-552a-c835-5f2f66250dd1', 3, NULL),
	(79, '60281097-3c4e-d80c-7ce4-02a0af7ce236', 3, NULL),
	(42, 'd9850750-234c-b6a7-6c64-e3d5cb4c3a6a', 3, NULL),
	(90, '29c5ae34-d666-926e-4753-c6e5fd4071de', 3, NULL),
	(134, 'b966c233-1b00-bb15-94a1-044244c300d3', 3, NULL),
	(59, '016fe566-457f-86a6-f2c6-b91c0b4e8866', 3, NULL),
	(116, '60e748b4-ab16-7f70-8d98-095c36070b0c', 3, NULL),
	(84, 'ebb56eeb-e1b5-4f48-7735-f364a744e4d1', 3, NULL),
	(74, '533217d4-d672-128e-5228-d313fd361d3d', 3, NULL),
	(29, 'a3472dc4-b6f2-6a25-e428-7726beebd982', 3, NULL),
	(41, 'b845974a-645a-f01f-694f-33f5bd21495e', 3, NULL),
	(141, '90271c61-7162-f5e7-db77-0e17feadbbae', 3, NULL),
	(138, 'b997a1b2-81c2-1016-03e8-f5f57ba2080c', 3, NULL),
	(16, '6c47ba67-f232-4a52-d5b7-c1619f53d2b2', 3, NULL),
	(54, 'c3f3d857-c007-ba53-71e6-f070d1f65532', 3, NULL),
	(103, '5325a30b-d1c0-47de-83bf-45ab9bf08d4c', 3, NULL),
	(115, '9e799dae-1623-b2e7-1f2b-cd51f4911fdb', 3, NULL),
	(148, '22fa9552-33f1-1faf-b183-895acd09cc7b', 3, NULL),
	(36, '8fe7edbd-73c2-c4b9-3732-1173b2cd8af6', 3, NULL),
	(4, '9edc2740-38bc-d337-e1c3-915449f3d2aa', 3, NULL),
	(53, 'e28ebcad-1993-954d-0495-bdd9b16c8874', 3, NULL),
	(92, 'b20043aa-b55b-6848-0968-2d7108e3647f', 3, NULL),
	(23, 'f829d458-0bfc-2bf6-776b-20b0836b745b', 3, NULL),
	(44, 'c2bf48eb-f565-47eb-3012-7bc93cdf6b15', 3, NULL),
	(58, '6d856c56-45fb-d6f9-a8f0-031b69e9b827', 3, NULL),
	(1, '3502dc16-8fdd-5fdf-28fd-0d35be8617e4', 3, NULL),
	(111, '79a29bba-3e50-5bd1-d314-3379b659c8d6', 3, NULL),
	(86, 'd91f4fe8-9d50-5ac8-a744-4512c21647e2', 3, NULL),
	(49, 'eef09594-e331-d5fe-0066-2588b831ba63', 3, NULL),
	(70, '286dce9f-ebc5-665a-5917-4d7c36be473e', 3, NULL),
	(45, '42d202d9-9346-5d83-1af5-93a558eadbb3', 3, NULL),
	(60, 'fcc3f87c-6406-f556-1120-5ad158995cc6', 3, NULL),
	(105, 'cf162d5e-ca4f-3ca6-6d21-469623d0ab57', 3, NULL),
	(75, '061ca19d-d1a0-d5f9-f7d9-e3be63dac4c7', 3, NULL),
	(124, '7704bb11-031d-a834-d2bc-51c6bd6907ac', 3, NULL),
	(43, '402b4922-2de0-b913-ebd6-f0fc96b4a852', 3, NULL),
	(3, 'a4540cd8-c621-1c8c-b822-22b90c53c8e9', 3, NULL),
	(61, '0c88ecac-5187-3569-27dc-db1e9b99672f', 3, NULL),
	(87, 'f14f7a7b-4637-9aa2-0185-bd340c62e9c5', 3, NULL),
	(14, '5d66af76-7ec6-3396-f5ba-020a5bccc718', 3, NULL),
	(147, '5f7e3147-d82d-9dae-eb66-8e8710f5c5c3', 3, NULL),
	(121, '054e9bb0-f2f6-1602-4f9d-28a4decd919d', 3, NULL),
	(35, 'ac06e39f-0194-4360-b2f1-e21b47d0385d', 3, NULL),
	(63, '227fc853-1d53-5fec-e4a7-55fa0eb4d1c6', 3, NULL),
	(9, '58c156b4-5fa7-4baf-ec5f-4a69d9ac2f4d', 3, NULL),
	(118, '11fa2180-07f5-f820-b590-d061ba1be478', 3, NULL),
	(88, 'e84286f0-e6e8-68f3-7d3f-a1b749309201', 3, NULL),
	(130, '79afbda3-505e-dd2c-38ec-7bca1bff6de8', 3, NULL),
	(144, 'c1be89fc-f690-dfd7-c27a-ce6e8a6d081a', 3, NULL),
	(20, '7f3f000c-c8d4-e5f1-9cb1-6e87f17d4516', 3, NULL),
	(21, '620d352f-515e-4495-0f0d-3c765e39d78a', 3, NULL),
	(7, '80edff68-c1fb-22e5-5d9f-73a9cf742fa3', 3, 'edited'),
	(8, '0aed42e6-48b9-6b78-78c4-5cd952869460', 3, 'deleted'),
	(22, '698dc570-2a53-cfed-648b-d07086dab669', 3, NULL);


--
-- Data for Name: loads; Type: TABLE DATA; Schema: bizy_migration; Owner: -
--

INSERT INTO bizy_migration.loads VALUES
	(1, 'goals', '2026-11-25 18:06:54.967369', '{}', '0.1.0 6aed14df8b23a29a798fb0138cf228939163cddd8bd3e37fe90de928f0c753b8', 14, 13, 1, 0, 0, 0, 0, 0, 0, 1),
	(1, 'tasks', '2026-11-25 18:06:55.605127', '{}', '0.1.0 5fcc10d50686e478bf73641e359b1b2613b22b02ccea75eb1c10e01d6ff3e0ca', 152, 150, 1, 0, 0, 0, 1, 0, 0, 1),
	(1, 'daily_logs', '2026-11-25 18:06:56.059576', '{}', '0.1.0 dce4db162bf2584f80e6dd3114cf0bde64595cae7a045f915c3b73d2ecf26300', 11, 11, 0, 0, 0, 0, 0, 0, 0, 0),
	(1, 'research', '2026-11-25 18:06:56.573769', '{}', '0.1.0 3f1802e9be9a8f8635bac04e9381d566014ade29de722ce960c176ff1fdb8bd5', 9, 9, 0, 0, 0, 0, 0, 0, 0, 0),
	(1, 'metrics', '2026-11-25 18:06:56.900085', '{}', '0.1.0 e18c3328dfa5701935e9d9a2441b9425482f63279d97367541435f90170cfec9', 14, 14, 0, 0, 0, 0, 0, 0, 0, 0),
	(1, 'business_plans', '2026-11-25 18:06:57.112484', '{}', '0.1.0 a2a1d3d8e1a16d9fa9eed36d9854f0a03b4ee2780acdfc2c220ed522af5f2ccb', 2, 2, 0, 0, 0, 0, 0, 0, 0, 0),
	(2, 'goals', '2026-11-25 18:06:59.467171', '{}', '0.1.0 a7407f115080769488c0076a2e0a6bdae578924201e47d771992aec12930c051', 14, 0, 0, 14, 0, 0, 0, 0, 0, 0),
	(2, 'tasks', '2026-11-25 18:06:59.918313', '{}', '0.1.0 9cd0956ad6421a1d468ba7e3f79e5d4c8cfca07011360a5e6cf9df8de4322bff', 150, 0, 2, 145, 1, 1, 1, 1, 1, 0),
	(2, 'daily_logs', '2026-11-25 18:07:00.161511', '{}', '0.1.0 d865fca95827c66ceda4e68d536ab4dbaa6b58737cdb4003e5132a1e0a6d2788', 11, 0, 0, 11, 0, 0, 0, 0, 0, 0),
	(2, 'research', '2026-11-25 18:07:00.404255', '{}', '0.1.0 5775cb10a9da4fcdd88bf5ed04ab8bcf0f76f6405e22d96fb5e6f34005a8cb0d', 9, 0, 0, 9, 0, 0, 0, 0, 0, 0),
	(2, 'metrics', '2026-11-25 18:07:00.583897', '{}', '0.1.0 765a7322f070cd3c2c3b5ad2b11148d39a78ff3528d7f25bc0536bb55505b29e', 14, 0, 0, 14, 0, 0, 0, 0, 0, 0),
	(2, 'business_plans', '2026-11-25 18:07:00.830647', '{}', '0.1.0 221e4b8218a4fe13482dba6affab7a44a4960627e05c15dede2db7f3315ef84c', 2, 0, 0, 2, 0, 0, 0, 0, 0, 0),
	(3, 'goals', '2026-11-25 18:07:03.068396', '{}', '0.1.0 3a11f71360bb27b76a0caf798f6aa077dc347a1784c97466e00777cded30d565', 14, 0, 0, 14, 0, 0, 0, 0, 0, 14),
	(3, 'tasks', '2026-11-25 18:07:03.869666', '{}', '0.1.0 867c3f5de99dd083d84a83a90ad30eef37be6b0a00ad7b64c6af7dd27cba6494', 150, 0, 1, 146, 1, 1, 1, 0, 0, 149),
	(3, 'daily_logs', '2026-11-25 18:07:04.852978', '{}', '0.1.0 c1d056128333ab6e8acff1b1a0806d7d10cddfc23ae1f7b2570c8a0cf1d71a7d', 11, 0, 0, 11, 0, 0, 0, 0, 0, 11),
	(3, 'research', '2026-11-25 18:07:05.380694', '{}', '0.1.0 a928551e5263b4dfe3f57b32a00a3d5c44e9664a9a0d8ed28806a5a17600ebff', 9, 0, 0, 9, 0, 0, 0, 0, 0, 9),
	(3, 'metrics', '2026-11-25 18:07:06.330994', '{}', '0.1.0 b73e0fa248f8320ba8d3b5a7e19559fea1947e3681349cb2b38cbfc1adaef3e2', 14, 0, 0, 14, 0, 0, 0, 0, 0, 14),
	(3, 'business_plans', '2026-11-25 18:07:06.907846', '{}', '0.1.0 67c65bcc359d7dc779eda37a76b66628f7a78c0706434a5b8ab54cb46d21a978', 2, 0, 0, 2, 0, 0, 0, 0, 0, 2);


--
-- Data for Name: rejected_rows; Type: TABLE DATA; Schema: bizy_migration; Owner: -
--

INSERT INTO bizy_migration.rejected_rows VALUES
	('@FOLDER@/laptop/tasks.db', 'tasks', 5, 'priority', 5, 'wrong_storage_type', '\x68696768', '{"id":5,"parent_goal_id":1,"title":"Réviser le budget","description":"O''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contract","priority":"high","status":"completed","category":null,"estimated_hours":null,"actual_hours":null,"due_date":null,"created_at":"2025-03-25 00:29:53.357908","completed_at":"2025-04-05 18:15:54.045914","dependencies":"[3, 4]","notes":null,"tags":"[\"q4\"]","project_name":null,"repository_path":null}', '00000003-0000-4000-8000-000000000000', '2026-11-25 18:07:03.869666');


--
-- Data for Name: repairs; Type: TABLE DATA; Schema: bizy_migration; Owner: -
--

INSERT INTO bizy_migration.repairs VALUES
	('@FOLDER@/laptop/tasks.db', 'goals', 10, 'parent_goal_id', 'orphan_parent', '8', NULL, '00000003-0000-4000-8000-000000000000'),
	('@FOLDER@/laptop/tasks.db', 'goals', 3, 'created_at', 'missing_timestamp', NULL, '2026-11-25 18:06:54.967369', '00000003-0000-4000-8000-000000000000'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 54, 'parent_goal_id', 'orphan_parent', '6', NULL, '00000003-0000-4000-8000-000000000000'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 55, 'parent_goal_id', 'orphan_parent', '6', NULL, '00000003-0000-4000-8000-000000000000'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 58, 'parent_goal_id', 'orphan_parent', '6', NULL, '00000003-0000-4000-8000-000000000000'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 60, 'parent_goal_id', 'orphan_parent', '6', NULL, '00000003-0000-4000-8000-000000000000'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 62, 'parent_goal_id', 'orphan_parent', '6', NULL, '00000003-0000-4000-8000-000000000000'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 64, 'parent_goal_id', 'orphan_parent', '6', NULL, '00000003-0000-4000-8000-000000000000'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 66, 'parent_goal_id', 'orphan_parent', '6', NULL, '00000003-0000-4000-8000-000000000000'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 102, 'parent_goal_id', 'orphan_parent', '8', NULL, '00000003-0000-4000-8000-000000000000'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 103, 'parent_goal_id', 'orphan_parent', '8', NULL, '00000003-0000-4000-8000-000000000000'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 107, 'parent_goal_id', 'orphan_parent', '8', NULL, '00000003-0000-4000-8000-000000000000'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 108, 'parent_goal_id', 'orphan_parent', '8', NULL, '00000003-0000-4000-8000-000000000000'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 110, 'parent_goal_id', 'orphan_parent', '8', NULL, '00000003-0000-4000-8000-000000000000'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 114, 'parent_goal_id', 'orphan_parent', '8', NULL, '00000003-0000-4000-8000-000000000000'),
	('@FOLDER@/laptop/tasks.db', 'tasks', 116, 'parent_goal_id', 'orphan_parent', '8', NULL, '00000003-0000-4000-8000-000000000000');


--
-- Data for Name: runs; Type: TABLE DATA; Schema: bizy_migration; Owner: -
--

INSERT INTO bizy_migration.runs VALUES
	(1, '00000001-0000-4000-8000-000000000000', '@FOLDER@/old/tasks.db', '@FOLDER@/backups/tasks_backup_20261125_180654.db', 'db52a94cf5af768af7d20cb7297f206e269d8bf683dfd38c03049c2cc6daaf20', '2026-11-25 18:06:54.458315', 'America/Los_Angeles', '2025-10-11 16:21:51', 2, '2026-11-25 18:06:54.963947', '2026-11-25 18:06:57.348655', 'completed'),
	(2, '00000002-0000-4000-8000-000000000000', '@FOLDER@/old/tasks.db', '@FOLDER@/backups/tasks_backup_20261125_180658.db', '3db8ecf8d076c26fdb8c9b82649a6da2f9f232683dcf9cbba46ef3a5a77eda91', '2026-11-25 18:06:58.759886', 'America/Los_Angeles', '2025-10-11 16:21:51', 2, '2026-11-25 18:06:59.465233', '2026-11-25 18:07:01.103576', 'completed'),
	(3, '00000003-0000-4000-8000-000000000000', '@FOLDER@/laptop/tasks.db', '@FOLDER@/backups/tasks_backup_20261125_180702.db', '72dca27ebb5480ed7872dfe0897dad4f41c7116af19fa917ef0797ce6ee2cda5', '2026-11-25 18:07:02.364025', 'America/Los_Angeles', '2025-10-11 16:21:51', 2, '2026-11-25 18:07:03.052902', '2026-11-25 18:07:08.649621', 'completed');


--
-- Data for Name: sequence_moves; Type: TABLE DATA; Schema: bizy_migration; Owner: -
--

INSERT INTO bizy_migration.sequence_moves VALUES
	('tasks', 901, true, 5003),
	('daily_logs', 1, false, 12),
	('research', 1, false, 10),
	('metrics', 1, false, 15),
	('business_plans', 1, false, 3);


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
	(3, 2, NULL, '🚀 Demo day', 'goal NULL', 'monthly', '2025-06-09 18:03:17.358864', 'active', 94, NULL, '2026-11-25 18:06:54.967369', '2025-10-04 14:20:02.377406', NULL, '{"mrr": 5168, "note": "R\u00e9viser le budget"}', 'business-agent', '/home/u/business agent'),
	(9, 2, 2, '東京 office lease', 'goal 🚀 Demo day', 'quarterly', '2026-01-14 05:12:11.254531', 'active', 46, NULL, '2025-10-04 04:12:11.254531', '2026-03-14 20:55:31.190871', NULL, '{"mrr": 6140, "note": "\ud83d\ude80 Demo day"}', 'business-agent', '/home/u/business agent'),
	(40, 2, NULL, 'Of Bizy', NULL, NULL, NULL, NULL, NULL, NULL, '2025-08-01 00:00:00', '2025-08-01 00:00:00', '2025-09-01 00:00:00', NULL, NULL, NULL);


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
line title', 1, 'pending', NULL, 1.1, NULL, '2026-01-24 01:00:00', '2025-12-31 04:30:12.73181', '2026-11-25 18:06:55.605127', NULL, '[46, 18]', NULL, '[]', NULL, NULL),
	(120, 2, 4, 'Größenordnung prüfen', 'Call the auditorCall the auditorCall the auditor', 3, 'pending', 'marketing', 0.25, NULL, NULL, '2026-02-10 07:46:17.733833', '2026-11-25 18:06:55.605127', NULL, '[]', NULL, '["urgent", "a\"b"]', 'business-agent', '/home/u/business agent'),
	(119, 2, 3, '東京 office lease', 'Renew domainRenew domainRenew domainRenew domainRenew domainRenew domainRenew domainRenew domain', 5, 'pending', 'finance', 1.1, NULL, '2026-02-20 01:00:00', '2026-02-01 08:08:47.860597', '2026-11-25 18:06:55.605127', NULL, '[6, 27]', NULL, '["\u65e5\u672c"]', NULL, NULL),
	(101, 2, 10, 'Réviser le budget', 'Multi
line titleMulti
line title', 1, 'completed', 'operations', 3, 0.5, '2025-12-10 01:00:00', '2025-12-08 06:50:47.905114', '2026-11-25 18:06:55.605127', '2025-12-22 22:21:48.306116', '[74]', NULL, '["urgent"]', NULL, NULL),
	(82, 2, 5, 'Renew domain', 'Multi
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line title', 4, 'completed', 'development', 1.1, 2, '2025-10-30 00:00:00', '2025-10-06 19:19:58.920387', '2026-11-25 18:06:55.605127', '2025-10-09 11:12:18.267195', '[]', NULL, '[]', NULL, NULL),
	(25, 2, NULL, 'Write launch post', '', 4, 'completed', 'operations', 3, NULL, '2025-05-11 00:00:00', '2025-05-01 17:55:16.313249', '2026-11-25 18:06:55.605127', '2025-05-10 20:22:16.89408', '[8, 9]', NULL, '[]', NULL, NULL),
	(26, 2, 2, '\N', 'Call the auditorCall the auditorCall the auditorCall the auditorCall the auditorCall the auditor', 3, 'pending', 'operations', 1.1, NULL, '2025-05-22 00:00:00', '2025-05-02 12:46:08.404877', '2026-11-25 18:06:55.605127', NULL, '[23, 7]', NULL, '["a\"b"]', NULL, NULL),
	(137, 2, 1, 'Call the auditor', '', 4, 'pending', 'marketing', 1.1, NULL, NULL, '2026-03-26 05:41:50.176135', '2026-11-25 18:06:55.605127', NULL, '[]', NULL, '[]', NULL, NULL),
	(136, 2, 2, 'Renew domain', 'Call the auditor', 1, 'pending', 'operations', 1.1, NULL, NULL, '2026-03-22 20:53:01.461913', '2026-11-25 18:06:55.605127', NULL, '[45, 46]', NULL, '["\u65e5\u672c", "q4"]', NULL, NULL),
	(27, 2, 1, 'Fix billing	with tab', '', 2, 'completed', 'marketing', 3, 0.5, '2025-05-14 00:00:00', '2025-05-04 21:04:59.444671', '2026-11-25 18:06:55.605127', '2025-05-23 05:18:59.966565', '[6, 4]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(149, 2, 1, 'Réviser le budget', '50% off, maybe50% off, maybe50% off, maybe', 4, 'pending', 'development', NULL, NULL, NULL, '2026-04-19 10:58:01.115834', '2026-11-25 18:06:55.605127', NULL, '[140]', NULL, '["a\"b", "urgent"]', NULL, NULL),
	(93, 2, 5, 'Größenordnung prüfen', '東京 office lease東京 office lease東京 office lease東京 office lease東京 office lease東京 office lease', 4, 'completed', 'marketing', 3, NULL, NULL, '2025-11-09 02:54:39.757458', '2026-11-25 18:06:55.605127', '2025-11-16 00:46:39.851896', '[]', NULL, '["\u65e5\u672c", "q4"]', 'business-agent', '/home/u/business agent'),
	(11, 2, 2, '東京 office lease', ' leading and trailing ', 5, 'completed', 'marketing', 1.1, NULL, '2025-04-08 00:00:00', '2025-04-06 01:48:12.984694', '2026-11-25 18:06:55.605127', '2025-04-16 07:47:13.322264', '[6, 4]', NULL, '["a\"b", "q4"]', NULL, NULL),
	(135, 2, NULL, 'Multi
line title', 'Call the auditorCall the auditorCall the auditorCall the auditorCall the auditor', 5, 'completed', 'marketing', 3, 0.5, '2026-03-27 00:00:00', '2026-03-22 16:19:19.372137', '2026-11-25 18:06:55.605127', '2026-03-24 18:15:19.43007', '[53, 38]', NULL, '["q4"]', 'business-agent', '/home/u/business agent'),
	(39, 2, 1, '', '東京 office lease東京 office lease', 4, 'pending', 'finance', 0.25, NULL, '2025-06-24 00:00:00', '2025-06-16 17:25:49.687133', '2026-11-25 18:06:55.605127', NULL, '[]', NULL, '["a\"b", "\u65e5\u672c"]', 'business-agent', '/home/u/business agent'),
	(131, 2, 13, '\N', '', 1, 'pending', 'development', 1.1, NULL, '2026-04-14 00:00:00', '2026-03-19 07:23:01.389825', '2026-11-25 18:06:55.605127', NULL, '[]', NULL, '["q4", "urgent"]', NULL, NULL),
	(17, 2, 3, 'O''Brien''s contract', '', 1, 'completed', NULL, NULL, 2, '2025-05-06 00:00:00', '2025-04-21 12:36:12.458785', '2026-11-25 18:06:55.605127', '2025-05-04 03:06:12.984195', '[3, 4]', NULL, '[]', NULL, NULL),
	(142, 2, 10, 'C:\backslash\path', '東京 office lease東京 office lease', 3, 'pending', 'marketing', 1.1, NULL, '2026-05-04 00:00:00', '2026-04-09 19:21:43.993365', '2026-11-25 18:06:55.605127', NULL, '[4]', NULL, '["a\"b"]', NULL, NULL),
	(66, 2, NULL, ' leading and trailing ', 'O''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contract', 2, 'pending', 'finance', NULL, NULL, NULL, '2025-08-21 19:52:05.583977', '2026-11-25 18:06:55.605127', NULL, '[14, 57]', NULL, '["\u65e5\u672c", "a\"b"]', 'business-agent', '/home/u/business agent'),
	(89, 2, 2, 'Write launch post', '', 1, 'pending', NULL, 0.25, NULL, NULL, '2025-11-01 11:05:28.820833', '2026-11-25 18:06:55.605127', NULL, '[67]', NULL, '["\u65e5\u672c"]', NULL, NULL),
	(33, 2, 3, '東京 office lease', 'Réviser le budgetRéviser le budgetRéviser le budget', 5, 'completed', 'operations', 0.25, NULL, '2025-06-03 00:00:00', '2025-05-21 08:56:04.02834', '2026-11-25 18:06:55.605127', '2025-06-09 12:46:04.879586', '[15]', NULL, '["a\"b", "\u65e5\u672c"]', 'business-agent', '/home/u/business agent'),
	(109, 2, 13, 'Fix billing	with tab', 'Fix billing	with tabFix billing	with tabFix billing	with tabFix billing	with tabFix billing	with tabFix billing	with tab', 2, 'pending', NULL, 1.1, NULL, '2026-01-28 01:00:00', '2026-01-08 15:58:06.363023', '2026-11-25 18:06:55.605127', NULL, '[78]', NULL, '["urgent"]', NULL, NULL),
	(57, 2, 3, 'O''Brien''s contract', 'Renew domainRenew domainRenew domainRenew domainRenew domainRenew domainRenew domainRenew domain', 3, 'pending', 'marketing', 0.25, NULL, '2025-08-27 00:00:00', '2025-08-02 16:44:03.025427', '2026-11-25 18:06:55.605127', NULL, '[]', NULL, '["urgent"]', 'business-agent', '/home/u/business agent'),
	(31, 2, NULL, 'NULL', 'Write launch postWrite launch postWrite launch postWrite launch postWrite launch post', 3, 'pending', 'marketing', 0.25, NULL, '2025-06-02 00:00:00', '2025-05-13 00:43:57.910464', '2026-11-25 18:06:55.605127', NULL, '[]', NULL, '["q4"]', NULL, NULL),
	(34, 2, NULL, 'O''Brien''s contract', 'Quote: "ship it"Quote: "ship it"Quote: "ship it"Quote: "ship it"', 4, 'completed', 'finance', 1.1, 0.5, '2025-06-16 00:00:00', '2025-05-26 21:03:08.053023', '2026-11-25 18:06:55.605127', '2025-06-12 02:45:08.748877', '[13]', NULL, '[]', NULL, NULL),
	(10, 2, 1, 'Multi
line title', '\N', 5, 'pending', 'development', NULL, NULL, '2025-04-19 00:00:00', '2025-04-05 12:23:20.848415', '2026-11-25 18:06:55.605127', NULL, '[9, 1]', NULL, '["urgent", "q4"]', NULL, NULL),
	(18, 2, 2, '50% off, maybe', 'NULLNULLNULLNULL', 4, 'pending', NULL, 0.25, NULL, '2025-05-22 00:00:00', '2025-04-24 22:21:25.726091', '2026-11-25 18:06:55.605127', NULL, '[3, 9]', NULL, '["a\"b", "q4"]', 'business-agent', '/home/u/business agent'),
	(146, 2, 11, '🚀 Demo day', '🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day', 1, 'pending', 'marketing', 3, NULL, NULL, '2026-04-14 18:25:41.684002', '2026-11-25 18:06:55.605127', NULL, '[]', NULL, '[]', NULL, NULL),
	(139, 2, 15, 'Renew domain', '', 5, 'pending', NULL, NULL, NULL, NULL, '2026-04-04 17:21:27.699164', '2026-11-25 18:06:55.605127', NULL, '[62]', NULL, '["q4", "\u65e5\u672c"]', NULL, NULL),
	(143, 2, 12, '\N', 'Renew domain', 4, 'pending', 'finance', 3, NULL, '2026-05-04 00:00:00', '2026-04-11 18:57:36.348324', '2026-11-25 18:06:55.605127', NULL, '[]', NULL, '[]', NULL, NULL),
	(98, 2, 5, 'Renew domain', 'Größenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfen', 1, 'completed', 'development', 0.25, NULL, NULL, '2025-12-01 05:02:59.139261', '2026-11-25 18:06:55.605127', '2025-12-10 22:55:59.631677', '[58, 37]', NULL, '["urgent", "q4"]', NULL, NULL),
	(64, 2, NULL, 'Quote: "ship it"', '', 4, 'completed', 'development', 3, 2, NULL, '2025-08-19 00:31:50.728796', '2026-11-25 18:06:55.605127', '2025-09-02 15:19:51.693483', '[50]', NULL, '["urgent"]', NULL, NULL),
	(145, 2, 17, 'Call the auditor', '', 4, 'completed', NULL, 1.1, 0.5, NULL, '2026-04-14 00:02:33.932033', '2026-11-25 18:06:55.605127', '2026-04-18 07:19:34.014126', '[81, 89]', NULL, '["a\"b", "urgent"]', NULL, NULL),
	(104, 2, 1, 'Réviser le budget', 'Fix billing	with tabFix billing	with tabFix billing	with tabFix billing	with tabFix billing	with tabFix billing	with tab', 1, 'completed', 'marketing', 1.1, NULL, '2025-12-24 01:00:00', '2025-12-16 03:05:00.347221', '2026-11-25 18:06:55.605127', '2025-12-27 09:41:00.720705', '[10, 29]', NULL, '[]', NULL, NULL),
	(102, 2, NULL, '', 'Größenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfen', 3, 'completed', 'marketing', 1.1, 2, '2026-01-04 01:00:00', '2025-12-11 03:59:09.744687', '2026-11-25 18:06:55.605127', '2025-12-28 02:28:09.993999', '[49, 99]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(71, 2, 2, 'Réviser le budget', 'Call the auditorCall the auditorCall the auditorCall the auditorCall the auditorCall the auditor', 4, 'pending', NULL, NULL, NULL, '2025-09-23 00:00:00', '2025-09-07 07:23:51.695452', '2026-11-25 18:06:55.605127', NULL, '[27, 26]', NULL, '[]', NULL, NULL),
	(20, 2, 2, 'Changed in Bizy', '50% off, maybe50% off, maybe50% off, maybe50% off, maybe50% off, maybe50% off, maybe50% off, maybe', 4, 'completed', 'operations', NULL, NULL, '2025-05-15 00:00:00', '2025-04-26 04:24:13.30836', '2026-11-25 18:06:59.918313', '2025-05-04 19:57:13.377687', '[10]', NULL, '["\u65e5\u672c", "urgent"]', NULL, NULL),
	(2, 2, NULL, ' leading and trailing ', 'Réviser le budgetRéviser le budgetRéviser le budgetRéviser le budgetRéviser le budgetRéviser le budget', 1, 'pending', NULL, 3, NULL, NULL, '2025-03-17 10:24:50.961113', '2026-11-25 18:06:55.605127', NULL, '[1]', NULL, '[]', NULL, NULL),
	(72, 2, 4, '東京 office lease', 'Réviser le budgetRéviser le budgetRéviser le budgetRéviser le budgetRéviser le budgetRéviser le budgetRéviser le budgetRéviser le budget', 1, 'pending', 'operations', 0.25, NULL, '2025-10-06 00:00:00', '2025-09-10 04:48:52.503393', '2026-11-25 18:06:55.605127', NULL, '[31]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(47, 2, 2, 'Write launch post', '', 3, 'completed', 'marketing', NULL, 2, '2025-07-06 00:00:00', '2025-07-03 12:39:08.965353', '2026-11-25 18:06:55.605127', '2025-07-22 01:08:09.955746', '[30, 27]', NULL, '["urgent", "q4"]', NULL, NULL),
	(46, 2, 2, 'Renew domain', 'Multi
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line title', 5, 'pending', NULL, 3, NULL, '2025-07-26 00:00:00', '2025-06-29 23:20:24.210628', '2026-11-25 18:06:55.605127', NULL, '[12, 26]', NULL, '["\u65e5\u672c"]', NULL, NULL),
	(83, 2, NULL, '50% off, maybe', 'Multi
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line title', 4, 'pending', 'development', 3, NULL, '2025-11-03 01:00:00', '2025-10-18 01:24:26.225023', '2026-11-25 18:06:55.605127', NULL, '[67]', NULL, '["urgent"]', NULL, NULL),
	(15, 2, 3, 'Fix billing	with tab', '🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day', 4, 'completed', 'development', 1.1, 2, NULL, '2025-04-17 13:29:46.106931', '2026-11-25 18:06:55.605127', '2025-04-28 19:20:47.028098', '[5, 14]', NULL, '["urgent", "q4"]', 'business-agent', '/home/u/business agent'),
	(125, 2, 9, '50% off, maybe', '', 4, 'completed', 'finance', 0.25, NULL, '2026-03-08 01:00:00', '2026-02-26 14:53:30.758071', '2026-11-25 18:06:55.605127', '2026-03-14 20:55:31.190871', '[5, 117]', NULL, '["a\"b"]', NULL, NULL),
	(77, 2, 2, 'Write launch post', '🚀 Demo day🚀 Demo day🚀 Demo day', 3, 'completed', 'development', NULL, 0.5, '2025-10-07 00:00:00', '2025-09-21 03:44:53.126845', '2026-11-25 18:06:55.605127', '2025-10-05 23:26:54.119942', '[]', NULL, '["\u65e5\u672c", "q4"]', NULL, NULL),
	(140, 2, NULL, '50% off, maybe', '\N\N\N\N\N\N', 5, 'pending', 'operations', 1.1, NULL, '2026-04-29 00:00:00', '2026-04-04 19:27:22.945624', '2026-11-25 18:06:55.605127', NULL, '[]', NULL, '["\u65e5\u672c", "q4"]', NULL, NULL),
	(73, 2, 4, '東京 office lease', 'Réviser le budgetRéviser le budgetRéviser le budget', 1, 'completed', 'development', 0.25, NULL, '2025-10-02 00:00:00', '2025-09-14 06:18:33.269706', '2026-11-25 18:06:55.605127', '2025-09-21 14:02:33.451038', '[65]', NULL, '["\u65e5\u672c"]', NULL, NULL),
	(56, 2, 3, 'Call the auditor', 'NULLNULLNULLNULLNULLNULLNULLNULL', 1, 'completed', 'development', 1.1, 2, '2025-08-04 00:00:00', '2025-08-01 15:53:24.765918', '2026-11-25 18:06:55.605127', '2025-08-10 07:48:25.259277', '[40]', NULL, '[]', NULL, NULL),
	(40, 2, 1, '50% off, maybe', ' leading and trailing  leading and trailing  leading and trailing  leading and trailing  leading and trailing  leading and trailing ', 1, 'pending', 'development', 1.1, NULL, '2025-07-10 00:00:00', '2025-06-22 14:44:30.379912', '2026-11-25 18:06:55.605127', NULL, '[5]', NULL, '[]', NULL, NULL),
	(123, 2, NULL, 'Größenordnung prüfen', '🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day', 3, 'completed', 'operations', 0.25, 0.5, NULL, '2026-02-21 11:01:17.317794', '2026-11-25 18:06:55.605127', '2026-02-28 16:52:17.862751', '[]', NULL, '["urgent", "q4"]', 'business-agent', '/home/u/business agent'),
	(13, 2, NULL, 'Größenordnung prüfen', '', 4, 'completed', 'finance', 3, 0.5, '2025-04-29 00:00:00', '2025-04-16 06:42:52.808917', '2026-11-25 18:06:55.605127', '2025-04-26 09:09:53.215229', '[7, 4]', NULL, '["a\"b"]', NULL, NULL),
	(91, 2, 9, 'Renew domain', 'Fix billing	with tabFix billing	with tabFix billing	with tabFix billing	with tabFix billing	with tabFix billing	with tabFix billing	with tabFix billing	with tab', 5, 'completed', 'marketing', 3, 0.5, '2025-12-04 01:00:00', '2025-11-08 08:32:24.852424', '2026-11-25 18:06:55.605127', '2025-11-17 19:36:25.278784', '[21, 87]', NULL, '[]', NULL, NULL),
	(112, 2, 5, '\N', '', 2, 'completed', 'development', 1.1, 0.5, '2026-02-06 01:00:00', '2026-01-15 06:00:25.626915', '2026-11-25 18:06:55.605127', '2026-02-01 13:20:25.935953', '[]', NULL, '["\u65e5\u672c"]', NULL, NULL),
	(96, 2, 9, 'NULL', '', 2, 'completed', 'finance', 1.1, 0.5, '2025-11-28 01:00:00', '2025-11-21 03:15:30.404269', '2026-11-25 18:06:55.605127', '2025-12-08 05:24:31.377538', '[35, 88]', NULL, '["a\"b", "urgent"]', 'business-agent', '/home/u/business agent'),
	(107, 2, NULL, 'O''Brien''s contract', '50% off, maybe50% off, maybe50% off, maybe', 4, 'completed', 'development', 0.25, 0.5, '2026-01-07 01:00:00', '2026-01-04 01:26:31.384006', '2026-11-25 18:06:55.605127', '2026-01-11 11:36:31.548737', '[]', NULL, '[]', NULL, NULL),
	(108, 2, NULL, 'Renew domain', '東京 office lease', 4, 'completed', 'development', 0.25, 0.5, '2026-01-28 01:00:00', '2026-01-04 16:58:11.625731', '2026-11-25 18:06:55.605127', '2026-01-15 18:46:11.688249', '[29, 7]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(19, 2, 2, 'Call the auditor', 'O''Brien''s contract', 2, 'completed', NULL, 1.1, 0.5, '2025-05-21 00:00:00', '2025-04-25 10:30:19.953519', '2026-11-25 18:06:55.605127', '2025-04-30 21:46:20.161807', '[]', NULL, '["urgent", "\u65e5\u672c"]', NULL, NULL),
	(65, 2, 2, 'Fix billing	with tab', ' leading and trailing  leading and trailing  leading and trailing  leading and trailing  leading and trailing ', 2, 'pending', NULL, 3, NULL, NULL, '2025-08-20 07:04:44.176437', '2026-11-25 18:06:55.605127', NULL, '[47]', NULL, '["urgent"]', NULL, NULL),
	(52, 2, NULL, '🚀 Demo day', '東京 office lease東京 office lease東京 office lease東京 office lease東京 office lease東京 office lease', 5, 'pending', 'development', NULL, NULL, '2025-07-22 00:00:00', '2025-07-20 15:46:30.406643', '2026-11-25 18:06:55.605127', NULL, '[51]', NULL, '[]', NULL, NULL),
	(37, 2, 1, '東京 office lease', 'NULLNULLNULLNULLNULL', 2, 'completed', 'finance', 0.25, 0.5, '2025-06-19 00:00:00', '2025-06-14 16:03:17.954684', '2026-11-25 18:06:55.605127', '2025-06-27 21:04:18.793273', '[]', NULL, '["a\"b"]', NULL, NULL),
	(85, 2, 5, '', 'C:\backslash\pathC:\backslash\pathC:\backslash\pathC:\backslash\pathC:\backslash\path', 2, 'pending', NULL, 1.1, NULL, '2025-11-10 01:00:00', '2025-10-20 09:12:55.347415', '2026-11-25 18:06:55.605127', NULL, '[]', NULL, '[]', NULL, NULL),
	(32, 2, 2, 'Quote: "ship it"', '50% off, maybe50% off, maybe50% off, maybe', 5, 'pending', 'finance', 1.1, NULL, '2025-06-03 00:00:00', '2025-05-20 21:45:52.061507', '2026-11-25 18:06:55.605127', NULL, '[3, 17]', NULL, '["\u65e5\u672c"]', NULL, NULL),
	(78, 2, 3, 'NULL', 'Réviser le budgetRéviser le budgetRéviser le budgetRéviser le budgetRéviser le budgetRéviser le budgetRéviser le budget', 1, 'completed', 'finance', NULL, 2, NULL, '2025-09-23 12:06:27.642303', '2026-11-25 18:06:55.605127', '2025-10-04 14:20:02.377406', '[38]', NULL, '["urgent"]', 'business-agent', '/home/u/business agent'),
	(133, 2, 3, 'Réviser le budget', 'Renew domainRenew domainRenew domainRenew domainRenew domainRenew domain', 1, 'pending', 'finance', 0.25, NULL, NULL, '2026-03-20 20:49:56.681021', '2026-11-25 18:06:55.605127', NULL, '[]', NULL, '[]', NULL, NULL),
	(100, 2, 5, 'Write launch post', '\N\N\N\N\N\N\N', 1, 'pending', 'marketing', 0.25, NULL, NULL, '2025-12-05 06:26:10.521508', '2026-11-25 18:06:55.605127', NULL, '[49, 18]', NULL, '["\u65e5\u672c", "urgent"]', NULL, NULL),
	(113, 2, 9, '\N', 'Fix billing	with tabFix billing	with tabFix billing	with tabFix billing	with tab', 2, 'pending', 'finance', 1.1, NULL, '2026-02-11 01:00:00', '2026-01-17 09:57:39.151667', '2026-11-25 18:06:55.605127', NULL, '[]', NULL, '["a\"b"]', NULL, NULL),
	(24, 2, 1, 'Multi
line title', '東京 office lease東京 office lease東京 office lease', 4, 'completed', 'finance', NULL, NULL, '2025-05-30 00:00:00', '2025-04-30 23:11:17.490755', '2026-11-25 18:06:55.605127', '2025-05-06 04:30:17.553045', '[]', NULL, '["urgent", "q4"]', 'business-agent', '/home/u/business agent'),
	(55, 2, NULL, ' leading and trailing ', '', 5, 'pending', 'development', 1.1, NULL, NULL, '2025-07-29 07:15:51.78825', '2026-11-25 18:06:55.605127', NULL, '[]', NULL, '["q4"]', NULL, NULL),
	(68, 2, 4, 'Fix billing	with tab', '50% off, maybe50% off, maybe50% off, maybe', 2, 'pending', 'development', NULL, NULL, NULL, '2025-09-01 02:24:45.594368', '2026-11-25 18:06:55.605127', NULL, '[29, 26]', NULL, '[]', NULL, NULL),
	(128, 2, 9, 'O''Brien''s contract', 'Call the auditorCall the auditorCall the auditorCall the auditorCall the auditorCall the auditorCall the auditorCall the auditor', 4, 'pending', NULL, 0.25, NULL, '2026-04-12 00:00:00', '2026-03-15 11:45:57.930422', '2026-11-25 18:06:55.605127', NULL, '[]', NULL, '["\u65e5\u672c", "urgent"]', NULL, NULL),
	(38, 2, 4, 'Größenordnung prüfen', '東京 office lease東京 office lease', 3, 'completed', 'development', NULL, NULL, '2025-07-08 00:00:00', '2025-06-14 18:34:39.91331', '2026-11-25 18:06:55.605127', '2025-06-30 12:02:40.269825', '[]', NULL, '["q4", "a\"b"]', NULL, NULL),
	(129, 2, 5, 'C:\backslash\path', 'Write launch postWrite launch postWrite launch postWrite launch postWrite launch postWrite launch post', 1, 'pending', 'marketing', 0.25, NULL, '2026-04-11 00:00:00', '2026-03-15 13:03:22.070147', '2026-11-25 18:06:55.605127', NULL, '[120, 119]', NULL, '["\u65e5\u672c", "q4"]', 'business-agent', '/home/u/business agent'),
	(80, 2, 4, '', 'Write launch postWrite launch postWrite launch postWrite launch postWrite launch post', 4, 'pending', NULL, 0.25, NULL, NULL, '2025-10-04 00:42:39.943169', '2026-11-25 18:06:55.605127', NULL, '[25]', NULL, '[]', NULL, NULL),
	(5002, 2, 40, 'Of Bizy', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2025-11-01 19:00:00', '2026-11-25 18:06:55.605127', NULL, NULL, NULL, NULL, NULL, NULL),
	(110, 2, NULL, 'C:\backslash\path', 'Quote: "ship it"Quote: "ship it"Quote: "ship it"', 4, 'completed', NULL, 1.1, 2, '2026-01-28 01:00:00', '2026-01-12 14:41:40.942538', '2026-11-25 18:06:55.605127', '2026-01-18 06:41:41.485122', '[106, 24]', NULL, '[]', NULL, NULL),
	(99, 2, 5, 'Multi
line title', '', 3, 'pending', 'marketing', 3, NULL, '2025-12-26 01:00:00', '2025-12-04 19:36:34.413137', '2026-11-25 18:06:55.605127', NULL, '[90]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(48, 2, 1, 'Renew domain', 'Renew domainRenew domainRenew domainRenew domainRenew domain', 5, 'pending', 'finance', 0.25, NULL, '2025-07-07 00:00:00', '2025-07-05 04:18:49.381633', '2026-11-25 18:06:55.605127', NULL, '[37, 22]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(28, 2, 3, 'Write launch post', '', 4, 'completed', 'marketing', 1.1, 0.5, NULL, '2025-05-05 15:07:43.466007', '2026-11-25 18:06:55.605127', '2025-05-19 08:19:43.643824', '[22, 16]', NULL, '[]', NULL, NULL),
	(94, 2, 10, 'NULL', '🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day', 4, 'completed', NULL, NULL, 2, '2025-11-20 01:00:00', '2025-11-09 04:43:39.230289', '2026-11-25 18:06:55.605127', '2025-11-20 18:14:39.388442', '[]', NULL, '["urgent"]', NULL, NULL),
	(30, 2, 2, 'NULL', 'C:\backslash\pathC:\backslash\pathC:\backslash\pathC:\backslash\pathC:\backslash\path', 2, 'completed', NULL, 1.1, 0.5, '2025-05-27 00:00:00', '2025-05-09 11:35:36.725411', '2026-11-25 18:06:55.605127', '2025-05-28 02:36:37.064361', '[]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(95, 2, 2, 'Multi
line title', 'Quote: "ship it"Quote: "ship it"', 5, 'pending', 'finance', 0.25, NULL, '2025-12-11 01:00:00', '2025-11-16 01:26:27.134008', '2026-11-25 18:06:55.605127', NULL, '[]', NULL, '[]', NULL, NULL),
	(122, 2, 5, 'NULL', 'O''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contract', 1, 'pending', 'operations', 3, NULL, NULL, '2026-02-13 10:23:16.280494', '2026-11-25 18:06:55.605127', NULL, '[63, 116]', NULL, '["q4", "urgent"]', NULL, NULL),
	(62, 2, NULL, 'Größenordnung prüfen', 'Größenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfen', 3, 'completed', 'finance', 3, NULL, NULL, '2025-08-09 19:11:24.886757', '2026-11-25 18:06:55.605127', '2025-08-20 10:36:25.69309', '[26]', NULL, '["a\"b", "q4"]', NULL, NULL),
	(127, 2, 5, 'Größenordnung prüfen', 'C:\backslash\pathC:\backslash\pathC:\backslash\pathC:\backslash\pathC:\backslash\pathC:\backslash\path', 5, 'completed', 'marketing', 1.1, NULL, '2026-03-20 00:00:00', '2026-03-13 12:00:42.404247', '2026-11-25 18:06:55.605127', '2026-03-26 13:51:42.438933', '[]', NULL, '[]', NULL, NULL),
	(117, 2, 5, 'Größenordnung prüfen', '🚀 Demo day', 5, 'completed', 'operations', 1.1, NULL, NULL, '2026-01-23 08:12:53.013837', '2026-11-25 18:06:55.605127', '2026-01-27 12:24:53.807023', '[68, 76]', NULL, '["\u65e5\u672c", "a\"b"]', 'business-agent', '/home/u/business agent'),
	(5000, 2, 40, 'Of Bizy', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2025-11-01 19:00:00', '2026-11-25 18:06:55.605127', NULL, NULL, NULL, NULL, NULL, NULL),
	(97, 2, 10, 'Größenordnung prüfen', 'Call the auditorCall the auditorCall the auditorCall the auditor', 3, 'completed', 'development', 3, 0.5, NULL, '2025-11-30 18:19:13.861859', '2026-11-25 18:06:55.605127', '2025-12-06 15:59:14.695492', '[]', NULL, '["\u65e5\u672c", "q4"]', NULL, NULL),
	(114, 2, NULL, '🚀 Demo day', 'Renew domain', 5, 'pending', 'operations', 0.25, NULL, '2026-01-30 01:00:00', '2026-01-17 20:54:40.223307', '2026-11-25 18:06:55.605127', NULL, '[51, 60]', NULL, '["q4"]', 'business-agent', '/home/u/business agent'),
	(126, 2, 11, 'Multi
line title', '', 3, 'completed', 'operations', NULL, 2, NULL, '2026-03-09 00:56:48.843132', '2026-11-25 18:06:55.605127', '2026-03-13 22:50:49.247247', '[60, 93]', NULL, '["q4"]', 'business-agent', '/home/u/business agent'),
	(132, 2, 10, '', 'Fix billing	with tabFix billing	with tabFix billing	with tab', 5, 'pending', 'finance', 1.1, NULL, '2026-04-17 00:00:00', '2026-03-19 14:13:46.735014', '2026-11-25 18:06:55.605127', NULL, '[11, 123]', NULL, '["a\"b", "urgent"]', 'business-agent', '/home/u/business agent'),
	(67, 2, NULL, 'NULL', '東京 office lease東京 office lease', 3, 'pending', 'development', 0.25, NULL, NULL, '2025-08-27 01:46:50.078828', '2026-11-25 18:06:55.605127', NULL, '[22, 54]', NULL, '[]', NULL, NULL),
	(50, 2, 3, 'Write launch post', 'C:\backslash\pathC:\backslash\pathC:\backslash\pathC:\backslash\pathC:\backslash\path', 5, 'completed', 'operations', NULL, 2, '2025-07-26 00:00:00', '2025-07-13 07:57:32.131563', '2026-11-25 18:06:55.605127', '2025-07-26 19:08:32.747146', '[44]', NULL, '["q4"]', NULL, NULL),
	(51, 2, 3, '', '\N\N\N\N\N\N\N\N', 3, 'pending', 'marketing', NULL, NULL, '2025-08-09 00:00:00', '2025-07-17 09:44:21.247674', '2026-11-25 18:06:55.605127', NULL, '[]', NULL, '["\u65e5\u672c", "q4"]', 'business-agent', '/home/u/business agent'),
	(76, 2, 2, '', 'Multi
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line title', 3, 'pending', 'operations', 0.25, NULL, '2025-10-15 00:00:00', '2025-09-16 21:30:17.504379', '2026-11-25 18:06:55.605127', NULL, '[48, 12]', NULL, '[]', NULL, NULL),
	(69, 2, 2, '\N', '', 5, 'completed', 'operations', 1.1, NULL, '2025-10-01 00:00:00', '2025-09-02 10:28:49.255073', '2026-11-25 18:06:55.605127', '2025-09-21 05:07:49.799711', '[]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(81, 2, NULL, '', 'Quote: "ship it"Quote: "ship it"Quote: "ship it"Quote: "ship it"Quote: "ship it"Quote: "ship it"Quote: "ship it"', 1, 'pending', 'marketing', 0.25, NULL, NULL, '2025-10-06 03:58:06.411864', '2026-11-25 18:06:55.605127', NULL, '[24]', NULL, '["urgent"]', 'business-agent', '/home/u/business agent'),
	(79, 2, NULL, 'Call the auditor', '', 1, 'pending', 'development', 0.25, NULL, NULL, '2025-10-02 19:48:40.794156', '2026-11-25 18:06:55.605127', NULL, '[10, 56]', NULL, '["urgent"]', NULL, NULL),
	(42, 2, 4, '', 'Write launch postWrite launch postWrite launch post', 3, 'pending', NULL, NULL, NULL, NULL, '2025-06-26 14:15:57.740286', '2026-11-25 18:06:55.605127', NULL, '[15]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(90, 2, 2, 'Quote: "ship it"', 'Write launch postWrite launch postWrite launch postWrite launch postWrite launch postWrite launch post', 5, 'completed', 'marketing', 0.25, 2, NULL, '2025-11-04 14:00:16.899231', '2026-11-25 18:06:55.605127', '2025-11-14 13:33:16.973411', '[]', NULL, '["a\"b", "q4"]', 'business-agent', '/home/u/business agent'),
	(134, 2, 4, 'C:\backslash\path', 'C:\backslash\pathC:\backslash\pathC:\backslash\pathC:\backslash\pathC:\backslash\pathC:\backslash\pathC:\backslash\path', 3, 'completed', NULL, 0.25, NULL, '2026-03-30 00:00:00', '2026-03-21 04:33:22.772996', '2026-11-25 18:06:55.605127', '2026-04-06 23:46:22.923625', '[63]', NULL, '["q4", "\u65e5\u672c"]', NULL, NULL),
	(59, 2, 2, 'O''Brien''s contract', 'Call the auditorCall the auditorCall the auditorCall the auditorCall the auditorCall the auditor', 5, 'completed', NULL, 1.1, NULL, '2025-08-31 00:00:00', '2025-08-05 17:08:31.617453', '2026-11-25 18:06:55.605127', '2025-08-15 04:37:32.483009', '[40, 54]', NULL, '["urgent", "q4"]', NULL, NULL),
	(116, 2, NULL, '🚀 Demo day', '\N\N\N\N\N\N\N', 4, 'completed', 'operations', NULL, NULL, '2026-02-15 01:00:00', '2026-01-23 02:49:02.164267', '2026-11-25 18:06:55.605127', '2026-02-04 02:29:02.842519', '[]', NULL, '["urgent", "\u65e5\u672c"]', NULL, NULL),
	(84, 2, 10, 'Größenordnung prüfen', 'NULLNULLNULLNULLNULLNULLNULL', 2, 'completed', NULL, 0.25, NULL, '2025-10-20 00:00:00', '2025-10-18 12:06:45.73736', '2026-11-25 18:06:55.605127', '2025-10-31 06:49:46.640766', '[8, 63]', NULL, '["q4", "urgent"]', 'business-agent', '/home/u/business agent'),
	(74, 2, 5, '東京 office lease', '50% off, maybe50% off, maybe50% off, maybe50% off, maybe50% off, maybe50% off, maybe', 1, 'pending', 'marketing', 0.25, NULL, '2025-10-07 00:00:00', '2025-09-15 01:33:09.41962', '2026-11-25 18:06:55.605127', NULL, '[70]', NULL, '["\u65e5\u672c"]', NULL, NULL),
	(29, 2, NULL, 'Renew domain', 'Quote: "ship it"Quote: "ship it"Quote: "ship it"Quote: "ship it"Quote: "ship it"Quote: "ship it"Quote: "ship it"Quote: "ship it"', 1, 'pending', 'operations', 3, NULL, NULL, '2025-05-08 11:08:31.148198', '2026-11-25 18:06:55.605127', NULL, '[]', NULL, '[]', NULL, NULL),
	(41, 2, 4, 'Größenordnung prüfen', '', 3, 'pending', 'marketing', 0.25, NULL, '2025-06-29 00:00:00', '2025-06-24 07:43:44.181445', '2026-11-25 18:06:55.605127', NULL, '[]', NULL, '["a\"b"]', NULL, NULL),
	(141, 2, 11, '', 'Call the auditorCall the auditorCall the auditorCall the auditorCall the auditorCall the auditorCall the auditor', 5, 'pending', 'marketing', 3, NULL, '2026-05-02 00:00:00', '2026-04-09 04:57:26.605487', '2026-11-25 18:06:55.605127', NULL, '[107, 10]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(138, 2, 15, '\N', 'Multi
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line title', 2, 'completed', 'development', 0.25, NULL, '2026-04-25 00:00:00', '2026-03-30 23:57:30.441511', '2026-11-25 18:06:55.605127', '2026-04-12 19:37:30.442033', '[]', NULL, '["\u65e5\u672c", "a\"b"]', 'business-agent', '/home/u/business agent'),
	(16, 2, 1, '東京 office lease', 'Quote: "ship it"', 3, 'pending', 'finance', 1.1, NULL, NULL, '2025-04-17 21:44:30.53249', '2026-11-25 18:06:55.605127', NULL, '[]', NULL, '[]', NULL, NULL),
	(54, 2, NULL, 'Call the auditor', 'Multi
line title', 3, 'completed', 'operations', 3, NULL, NULL, '2025-07-26 21:57:29.780488', '2026-11-25 18:06:55.605127', '2025-07-27 02:17:30.336971', '[10]', NULL, '["urgent"]', 'business-agent', '/home/u/business agent'),
	(103, 2, NULL, 'NULL', '🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day', 4, 'pending', 'marketing', 0.25, NULL, '2025-12-20 01:00:00', '2025-12-13 00:04:37.175104', '2026-11-25 18:06:55.605127', NULL, '[12]', NULL, '["a\"b"]', NULL, NULL),
	(115, 2, 12, '', '', 5, 'completed', 'marketing', 0.25, 2, NULL, '2026-01-21 16:42:23.036672', '2026-11-25 18:06:55.605127', '2026-02-06 05:36:24.035643', '[92]', NULL, '[]', NULL, NULL),
	(148, 2, NULL, '50% off, maybe', 'Réviser le budgetRéviser le budgetRéviser le budget', 1, 'pending', 'development', NULL, NULL, NULL, '2026-04-18 02:12:20.949829', '2026-11-25 18:06:55.605127', NULL, '[114, 82]', NULL, '[]', NULL, NULL),
	(36, 2, 2, '🚀 Demo day', 'O''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contract', 1, 'pending', 'marketing', 1.1, NULL, '2025-07-10 00:00:00', '2025-06-13 10:32:30.477509', '2026-11-25 18:06:55.605127', NULL, '[23]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(4, 2, 1, 'Call the auditor', '', 2, 'pending', 'development', 0.25, NULL, NULL, '2025-03-23 19:31:13.885513', '2026-11-25 18:06:55.605127', NULL, '[]', NULL, '["a\"b"]', NULL, NULL),
	(53, 2, 3, '\N', 'Multi
line titleMulti
line titleMulti
line title', 3, 'completed', 'finance', 1.1, 0.5, '2025-07-29 00:00:00', '2025-07-24 06:43:36.920299', '2026-11-25 18:06:55.605127', '2025-07-31 16:49:37.347937', '[17]', NULL, '["\u65e5\u672c", "a\"b"]', NULL, NULL),
	(92, 2, 4, 'C:\backslash\path', '🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day🚀 Demo day', 3, 'completed', 'finance', 3, NULL, '2025-12-07 01:00:00', '2025-11-08 11:28:42.873987', '2026-11-25 18:06:55.605127', '2025-11-12 05:01:43.644401', '[]', NULL, '["urgent"]', NULL, NULL),
	(23, 2, 1, 'Multi
line title', 'O''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contract', 2, 'pending', 'operations', 3, NULL, NULL, '2025-04-30 11:40:15.91878', '2026-11-25 18:06:55.605127', NULL, '[19, 13]', NULL, '["a\"b", "urgent"]', NULL, NULL),
	(44, 2, 1, '50% off, maybe', 'O''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contract', 3, 'pending', 'finance', 1.1, NULL, '2025-07-10 00:00:00', '2025-06-28 14:40:12.948991', '2026-11-25 18:06:55.605127', NULL, '[37, 13]', NULL, '["q4", "a\"b"]', NULL, NULL),
	(58, 2, NULL, 'Call the auditor', ' leading and trailing  leading and trailing  leading and trailing  leading and trailing ', 1, 'pending', 'operations', 1.1, NULL, '2025-08-08 00:00:00', '2025-08-05 12:07:21.175458', '2026-11-25 18:06:55.605127', NULL, '[12]', NULL, '["q4", "a\"b"]', NULL, NULL),
	(1, 2, NULL, 'Write launch post', 'O''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contract', 5, 'completed', 'development', 1.1, 0.5, '2025-03-27 00:00:00', '2025-03-14 04:23:19.979714', '2026-11-25 18:06:55.605127', '2025-03-24 23:54:20.284264', '[]', NULL, '["urgent", "a\"b"]', NULL, NULL),
	(111, 2, 3, 'Fix billing	with tab', 'Write launch postWrite launch postWrite launch postWrite launch postWrite launch postWrite launch postWrite launch post', 1, 'pending', 'marketing', 1.1, NULL, '2026-01-20 01:00:00', '2026-01-13 03:37:04.826386', '2026-11-25 18:06:55.605127', NULL, '[]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(86, 2, 3, 'Call the auditor', 'Größenordnung prüfenGrößenordnung prüfen', 2, 'pending', 'development', NULL, NULL, '2025-11-03 01:00:00', '2025-10-24 05:24:07.184843', '2026-11-25 18:06:55.605127', NULL, '[45]', NULL, '["\u65e5\u672c", "q4"]', NULL, NULL),
	(49, 2, 1, '50% off, maybe', 'Multi
line titleMulti
line title', 5, 'completed', 'finance', NULL, 0.5, '2025-08-01 00:00:00', '2025-07-09 22:48:30.002938', '2026-11-25 18:06:55.605127', '2025-07-22 07:52:30.137896', '[22, 9]', NULL, '["urgent", "a\"b"]', NULL, NULL),
	(70, 2, 4, 'C:\backslash\path', '\N\N\N\N\N\N', 5, 'completed', 'finance', 0.25, NULL, '2025-09-12 00:00:00', '2025-09-06 15:40:46.120013', '2026-11-25 18:06:55.605127', '2025-09-26 05:17:46.440986', '[14]', NULL, '["urgent", "\u65e5\u672c"]', NULL, NULL),
	(45, 2, 2, 'Fix billing	with tab', 'Multi
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line title', 3, 'pending', 'operations', 1.1, NULL, NULL, '2025-06-28 18:50:19.147051', '2026-11-25 18:06:55.605127', NULL, '[7]', NULL, '["a\"b", "\u65e5\u672c"]', 'business-agent', '/home/u/business agent'),
	(60, 2, NULL, 'Fix billing	with tab', '', 2, 'completed', 'operations', 0.25, 0.5, '2025-08-26 00:00:00', '2025-08-06 22:45:01.544451', '2026-11-25 18:06:55.605127', '2025-08-09 10:24:01.875618', '[32]', NULL, '["q4", "\u65e5\u672c"]', 'business-agent', '/home/u/business agent'),
	(105, 2, NULL, 'C:\backslash\path', 'NULL', 3, 'completed', 'marketing', 1.1, 2, NULL, '2025-12-19 13:11:44.900332', '2026-11-25 18:06:55.605127', '2026-01-02 03:53:45.805448', '[]', NULL, '["q4"]', 'business-agent', '/home/u/business agent'),
	(75, 2, 1, 'Größenordnung prüfen', 'NULLNULLNULLNULLNULLNULLNULL', 2, 'completed', 'marketing', 1.1, 2, NULL, '2025-09-16 00:25:56.687277', '2026-11-25 18:06:55.605127', '2025-09-18 18:45:56.955884', '[74]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(124, 2, NULL, 'Réviser le budget', 'Renew domainRenew domainRenew domainRenew domainRenew domainRenew domainRenew domain', 1, 'pending', NULL, 0.25, NULL, '2026-03-08 01:00:00', '2026-02-25 22:59:35.79137', '2026-11-25 18:06:55.605127', NULL, '[57]', NULL, '[]', NULL, NULL),
	(43, 2, NULL, 'Größenordnung prüfen', 'C:\backslash\path', 2, 'pending', NULL, NULL, NULL, NULL, '2025-06-27 02:44:52.954951', '2026-11-25 18:06:55.605127', NULL, '[25, 22]', NULL, '["urgent"]', NULL, NULL),
	(3, 2, NULL, 'Fix billing	with tab', 'Call the auditorCall the auditorCall the auditorCall the auditorCall the auditorCall the auditorCall the auditorCall the auditor', 5, 'completed', 'marketing', 3, 2, '2025-03-27 00:00:00', '2025-03-18 20:33:35.168163', '2026-11-25 18:06:55.605127', '2025-03-22 07:36:35.540006', '[1]', NULL, '["\u65e5\u672c"]', 'business-agent', '/home/u/business agent'),
	(61, 2, 5, 'Write launch post', '東京 office lease東京 office lease東京 office lease東京 office lease東京 office lease東京 office lease東京 office lease東京 office lease', 1, 'pending', NULL, 1.1, NULL, '2025-09-05 00:00:00', '2025-08-07 23:56:59.98594', '2026-11-25 18:06:55.605127', NULL, '[6, 3]', NULL, '["a\"b"]', NULL, NULL),
	(87, 2, 4, 'Renew domain', 'Größenordnung prüfen', 3, 'completed', 'finance', 0.25, 0.5, '2025-11-06 01:00:00', '2025-10-27 20:29:02.164491', '2026-11-25 18:06:55.605127', '2025-11-10 14:44:02.173088', '[]', NULL, '["a\"b"]', 'business-agent', '/home/u/business agent'),
	(14, 2, 2, '\N', 'Größenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfen', 3, 'pending', 'marketing', 3, NULL, NULL, '2025-04-17 13:15:48.941881', '2026-11-25 18:06:55.605127', NULL, '[8]', NULL, '[]', NULL, NULL),
	(147, 2, 11, 'Größenordnung prüfen', 'Réviser le budgetRéviser le budgetRéviser le budgetRéviser le budgetRéviser le budgetRéviser le budgetRéviser le budget', 3, 'completed', 'finance', 0.25, 0.5, '2026-04-23 00:00:00', '2026-04-15 15:58:17.550494', '2026-11-25 18:06:55.605127', '2026-04-17 00:09:08.402816', '[]', NULL, '["urgent"]', 'business-agent', '/home/u/business agent'),
	(121, 2, 4, '50% off, maybe', 'Multi
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line titleMulti
line title', 5, 'completed', NULL, 3, NULL, '2026-03-06 01:00:00', '2026-02-10 08:12:23.548812', '2026-11-25 18:06:55.605127', '2026-02-24 21:06:23.582811', '[]', NULL, '[]', NULL, NULL),
	(35, 2, 1, '\N', '', 1, 'completed', 'finance', 3, 0.5, '2025-06-21 00:00:00', '2025-05-27 14:06:43.23126', '2026-11-25 18:06:55.605127', '2025-06-11 20:59:43.50379', '[12, 10]', NULL, '["a\"b", "q4"]', NULL, NULL),
	(63, 2, 3, 'Réviser le budget', 'Réviser le budgetRéviser le budgetRéviser le budget', 2, 'pending', 'finance', 1.1, NULL, NULL, '2025-08-15 02:02:19.297489', '2026-11-25 18:06:55.605127', NULL, '[40, 12]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(9, 2, NULL, ' leading and trailing ', '\N\N', 4, 'completed', 'marketing', 0.25, 0.5, '2025-04-21 00:00:00', '2025-04-03 22:52:58.691051', '2026-11-25 18:06:55.605127', '2025-04-07 04:27:59.511278', '[5]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(118, 2, 9, 'Renew domain', '', 5, 'pending', 'operations', NULL, NULL, NULL, '2026-01-27 04:42:18.499338', '2026-11-25 18:06:55.605127', NULL, '[]', NULL, '["a\"b"]', NULL, NULL),
	(88, 2, 1, 'Fix billing	with tab', 'O''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contract', 1, 'completed', 'operations', NULL, NULL, '2025-11-11 01:00:00', '2025-10-28 08:12:50.590054', '2026-11-25 18:06:55.605127', '2025-11-10 10:10:51.198334', '[64, 75]', NULL, '[]', NULL, NULL),
	(130, 2, 4, '🚀 Demo day', '東京 office lease東京 office lease', 4, 'pending', 'marketing', 0.25, NULL, '2026-03-25 00:00:00', '2026-03-17 15:37:31.965498', '2026-11-25 18:06:55.605127', NULL, '[]', NULL, '["urgent"]', NULL, NULL),
	(144, 2, 16, 'Multi
line title', 'O''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contract', 3, 'completed', 'finance', 0.25, 0.5, NULL, '2026-04-12 20:04:07.382846', '2026-11-25 18:06:55.605127', '2026-04-18 02:18:05.649098', '[78, 84]', NULL, '["urgent", "\u65e5\u672c"]', 'business-agent', '/home/u/business agent'),
	(300, 2, 40, 'Of Bizy', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2025-11-01 19:00:00', '2026-11-25 18:06:55.605127', NULL, NULL, NULL, NULL, NULL, NULL),
	(7, 2, 1, 'Edited in PostgreSQL', 'O''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contractO''Brien''s contract', 3, 'completed', 'operations', 1.1, 0.5, '2025-04-12 00:00:00', '2025-03-30 08:32:27.538261', '2026-11-25 18:06:55.605127', '2025-04-01 21:54:27.557957', '[5, 4]', NULL, '["\u65e5\u672c", "urgent"]', NULL, NULL),
	(12, 2, 2, 'Edited, then deleted in Bizy', ' leading and trailing  leading and trailing  leading and trailing  leading and trailing  leading and trailing  leading and trailing  leading and trailing ', 2, 'pending', 'development', 0.25, NULL, NULL, '2025-04-06 17:44:19.199171', '2026-11-25 18:06:55.605127', NULL, '[]', NULL, '[]', 'business-agent', '/home/u/business agent'),
	(21, 2, 2, 'Changed in Bizy', 'Größenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfen', 1, 'pending', 'marketing', 3, NULL, '2025-05-01 00:00:00', '2025-04-27 13:26:47.592862', '2026-11-25 18:06:59.918313', NULL, '[15, 7]', NULL, '["a\"b", "\u65e5\u672c"]', 'business-agent', '/home/u/business agent'),
	(22, 2, 2, '50% off, maybe', 'Größenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfenGrößenordnung prüfen', 1, 'pending', NULL, 0.25, NULL, '2025-05-17 00:00:00', '2025-04-29 01:37:26.604145', '2026-11-25 18:07:03.869666', NULL, '[8, 20]', 'Changed after the move', '[]', NULL, NULL);


--
-- Data for Name: users; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.users VALUES
	(1, 'eve@example.org', 'eve', '', NULL, NULL, NULL, NULL, '2025-01-01 00:00:00', '2025-01-01 00:00:00', NULL, NULL),
	(2, 'admin@bizy.local', 'admin', '', NULL, NULL, NULL, NULL, '2025-01-01 00:00:00', '2025-01-01 00:00:00', NULL, NULL);


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

SELECT pg_catalog.setval('public.tasks_id_seq', 5003, false);


--
-- Name: users_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.users_id_seq', 2, true);


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


