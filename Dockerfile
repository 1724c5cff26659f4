# The lab for a class or the web: `docker build -t recsys-demo .`, then docs/deploy.md.
FROM python:3.12-slim

RUN useradd --create-home --uid 1000 lab
WORKDIR /home/lab/app
# Packages first: they change less often than the code. PyTorch's build for processors, where the
# PyTorch project's index answers.
COPY install.py requirements.txt ./
RUN PIP_NO_CACHE_DIR=1 python install.py requirements.txt
COPY app.py ./
COPY pages pages
COPY .streamlit .streamlit
COPY sample_data sample_data
COPY recsys_demo recsys_demo
RUN python -m compileall -q recsys_demo \
    && mkdir /home/lab/data && chown lab:lab /home/lab/data

USER lab
ENV RECSYS_DEMO_HOME=/home/lab/data PORT=7860 PYTHONUNBUFFERED=1
VOLUME /home/lab/data
EXPOSE 7860
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/_stcore/health', timeout=4)"]
# Without a password it refuses to start: RECSYS_DEMO_PASSWORD, --password-file or --no-password.
ENTRYPOINT ["sh", "-c", "exec python -m recsys_demo serve --address 0.0.0.0 --port $PORT --no-browser \"$@\"", "recsys-demo"]
