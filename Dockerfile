# One image for the studio and for its workers: no shell, no package manager, nobody's root.
# Both stages are Debian 12, so that what was built with its Python runs on its Python.

FROM debian:12-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends python3-venv fonts-dejavu-core
RUN python3 -m venv /venv
COPY requirements.txt constraints.txt /
RUN /venv/bin/pip install --no-cache-dir --no-compile -r /requirements.txt
# What is never used at work: installers, libraries' own tests and sources, and every cloud service but the one we know.
RUN cd /venv/lib/python3.11/site-packages \
 && find . -type d -name tests -prune -exec rm -r {} + \
 && find . -type f \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.h' -o -name '*.a' \) -delete \
 && find botocore/data -mindepth 1 -maxdepth 1 -type d ! -name s3 ! -name sts -exec rm -r {} + \
 && rm -r pip pip-* setuptools setuptools-*
COPY . /segue
# Compiled here, since nothing can be written there; only what is loaded, since the rest would double in size.
RUN cd /segue && SEGUE_DATA=/tmp/data /venv/bin/python -c "import segue, segue.server" \
 && SEGUE_DATA=/tmp/data /venv/bin/python -m flask --app app blend rain --out /tmp/rain.mp3 && rm -r /tmp/data \
 && mkdir -m 700 /data

FROM gcr.io/distroless/python3-debian12:nonroot
COPY --from=build /usr/share/fonts/truetype/dejavu /usr/share/fonts/truetype/dejavu
COPY --from=build /venv /venv
COPY --from=build /segue /segue
COPY --from=build --chown=65532:65532 /data /data
WORKDIR /segue
ENV SEGUE_DATA=/data SEGUE_HOST=0.0.0.0 PYTHONDONTWRITEBYTECODE=1
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["/venv/bin/python", "-c", "from urllib.request import ProxyHandler, build_opener; \
build_opener(ProxyHandler({})).open('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["/venv/bin/python"]
CMD ["app.py"]
