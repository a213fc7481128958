# How is the product packed? One image for every part of it: the command says which part runs.
#   docker build -t healthcare-api .
#   docker run -p 8088:8088 --env-file production.env healthcare-api      REST and sockets, see .env.example for variables
FROM python:3.11-slim AS packages
COPY requirements.txt /
RUN python -m venv /venv \
 && /venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes -r /requirements.txt \
 && /venv/bin/python -m pip check

FROM python:3.11-slim
RUN groupadd --gid 10001 healthcare \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin healthcare \
 && install -d -o 10001 -g 10001 -m 0700 /anchors /documents
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HEALTHCARE_ENV=production
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
# Nothing is contacted and nothing kept: settings ask for these variables before they let any command run.
RUN SECRET_KEY=only-for-collecting-static-files-in-the-build \
    ROOT_KEY=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
    DATABASE_URL=postgresql://build@127.0.0.1/build \
    OWNER_DATABASE_URL=postgresql://build@127.0.0.1/build \
    KEYSTORE_URL=postgresql://build@127.0.0.1/build \
    REDIS_URL=redis://127.0.0.1/0 \
    CACHE_URL=redis://127.0.0.1/0 \
    ALLOWED_HOSTS=localhost \
    python manage.py collectstatic --noinput \
 && python -m compileall -q -j 0 /app
USER 10001:10001
EXPOSE 8088
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["/app/deploy/alive"]
CMD ["/app/deploy/serve", "both"]
