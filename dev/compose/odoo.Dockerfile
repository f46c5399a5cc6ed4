FROM odoo:19
# What Odoo's image lacks of the addon's needs, as the manifest names it for apt.
USER root
RUN apt-get update && apt-get install -y --no-install-recommends python3-jmespath && rm -rf /var/lib/apt/lists/*
USER odoo
