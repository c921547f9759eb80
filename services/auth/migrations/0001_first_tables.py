"""Users, roles, sessions and failed sign-ins."""

from alembic import op

from chassis.migrations import create_bus_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_bus_tables()
    for statement in TABLES.strip().split(";\n"):
        op.execute(statement)


TABLES = """
CREATE TABLE roles (
    id UUID NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    permissions TEXT[] NOT NULL,
    marks TEXT[] NOT NULL,
    shipped BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT pk_roles PRIMARY KEY (id),
    CONSTRAINT uq_roles_name_key UNIQUE (name_key)
);
CREATE TABLE users (
    id UUID NOT NULL,
    login TEXT NOT NULL,
    login_key TEXT NOT NULL,
    name BYTEA NOT NULL,
    password TEXT NOT NULL,
    client_id UUID,
    active BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT uq_users_login_key UNIQUE (login_key)
);
CREATE TABLE user_roles (
    user_id UUID NOT NULL,
    role_id UUID NOT NULL,
    CONSTRAINT pk_user_roles PRIMARY KEY (user_id, role_id),
    CONSTRAINT fk_user_roles_user_id FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT fk_user_roles_role_id FOREIGN KEY (role_id) REFERENCES roles (id)
);
CREATE INDEX ix_user_roles_role_id ON user_roles (role_id);
CREATE TABLE user_branches (
    user_id UUID NOT NULL,
    branch_id UUID NOT NULL,
    CONSTRAINT pk_user_branches PRIMARY KEY (user_id, branch_id),
    CONSTRAINT fk_user_branches_user_id FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE INDEX ix_user_branches_branch_id ON user_branches (branch_id);
CREATE TABLE sessions (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    tokens_until TIMESTAMPTZ,
    CONSTRAINT pk_sessions PRIMARY KEY (id),
    CONSTRAINT fk_sessions_user_id FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT ck_sessions_ended CHECK ((ended_at IS NULL) = (tokens_until IS NULL))
);
CREATE INDEX ix_sessions_user_id ON sessions (user_id);
CREATE INDEX ix_sessions_tokens_until ON sessions (tokens_until) WHERE tokens_until IS NOT NULL;
CREATE TABLE refresh_tokens (
    hash BYTEA NOT NULL,
    session_id UUID NOT NULL,
    used_at TIMESTAMPTZ,
    used_with BYTEA,
    pair BYTEA,
    CONSTRAINT pk_refresh_tokens PRIMARY KEY (hash),
    CONSTRAINT fk_refresh_tokens_session_id FOREIGN KEY (session_id) REFERENCES sessions (id) ON DELETE CASCADE
);
CREATE INDEX ix_refresh_tokens_session_id ON refresh_tokens (session_id);
CREATE TABLE sign_in_failures (
    kind TEXT NOT NULL,
    whose BYTEA NOT NULL,
    failures INTEGER NOT NULL,
    last_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_sign_in_failures PRIMARY KEY (kind, whose)
);
CREATE INDEX ix_sign_in_failures_last_at ON sign_in_failures (last_at);
"""
