"""gunicorn's settings: `gunicorn -c gateway/gunicorn.conf.py`. Workers by WEB_CONCURRENCY; replicas scale further."""  # noqa: N999  gunicorn's own name for it

from typing import Any

from chassis.config import settings
from chassis.observability import configure_logs
from gateway.app import WIRE
from gateway.worker import QuietLogger, serve_inside

wsgi_app = "gateway.app:create_app()"
bind = settings().listen
worker_class = "gateway.worker.Worker"
threads = 16
keepalive = 75
timeout = 60
graceful_timeout = 10
control_socket_disable = True  # instances of one user would share its path
logger_class = QuietLogger
loglevel = "warning"
accesslog = None  # the gateway logs each request itself, without the query

configure_logs("gateway")


def post_worker_init(worker: Any) -> None:
    serve_inside(worker.app.wsgi(), settings())


def worker_exit(_server: Any, worker: Any) -> None:
    if worker.app.callable is not None:
        worker.app.callable.extensions[WIRE].close()
