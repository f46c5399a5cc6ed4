FROM python:3.11-slim
WORKDIR /simulator
COPY dev/requirements/3.11/odoo.txt versions.txt
RUN pip install --no-cache-dir -c versions.txt fastapi jinja2 pillow pyjwt python-multipart uvicorn
COPY dev/simulator .
COPY dev/inventory_source_simulator inventory_source_simulator
USER nobody
CMD ["python", "simulator", "--port", "8070", "--products", "1500"]
