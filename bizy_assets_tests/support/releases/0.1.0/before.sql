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

SET default_tablespace = '';

SET default_table_access_method = heap;

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
    metrics json
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
    tags json
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
-- Name: goals id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.goals ALTER COLUMN id SET DEFAULT nextval('public.goals_id_seq'::regclass);


--
-- Name: tasks id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tasks ALTER COLUMN id SET DEFAULT nextval('public.tasks_id_seq'::regclass);


--
-- Name: users id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users ALTER COLUMN id SET DEFAULT nextval('public.users_id_seq'::regclass);


--
-- Data for Name: goals; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.goals VALUES
	(40, 2, NULL, 'Entered in PostgreSQL', NULL, NULL, NULL, NULL, NULL, NULL, '2025-08-01 00:00:00', '2025-09-01 00:00:00', '2025-09-01 00:00:00', NULL),
	(501, 1, NULL, 'Eve''s own goal', NULL, NULL, NULL, NULL, NULL, NULL, '2025-01-02 00:00:00', '2025-01-02 00:00:00', NULL, NULL);


--
-- Data for Name: tasks; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.tasks VALUES
	(300, 2, 40, 'Entered in PostgreSQL', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2025-08-02 00:00:00', '2025-08-02 00:00:00', NULL, NULL, NULL, NULL),
	(901, 1, 501, 'Eve''s own task', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2025-01-03 00:00:00', '2025-01-03 00:00:00', NULL, NULL, NULL, NULL);


--
-- Data for Name: users; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.users VALUES
	(1, 'eve@example.org', 'eve', '', NULL, NULL, NULL, NULL, '2025-01-01 00:00:00', '2025-01-01 00:00:00', NULL, NULL),
	(2, 'admin@bizy.local', 'admin', '', NULL, NULL, NULL, NULL, '2025-01-01 00:00:00', '2025-01-01 00:00:00', NULL, NULL);


--
-- Name: goals_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.goals_id_seq', 501, true);


--
-- Name: tasks_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.tasks_id_seq', 901, true);


--
-- Name: users_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.users_id_seq', 2, true);


--
-- Name: goals goals_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.goals
    ADD CONSTRAINT goals_pkey PRIMARY KEY (id);


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
-- Name: tasks tasks_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- PostgreSQL database dump complete
--


