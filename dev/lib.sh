# Shared by every script in dev/: where things are, and how a step is run and reported.
# Sourced, never executed. Nothing here writes into the checkout.
set -euo pipefail

CHECKOUT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"

# initdb refuses root, so root's cluster belongs to the postgres user, who cannot enter root's home.
if [ -n "${INVENTORY_SOURCE_CACHE:-}" ]; then CACHE="$INVENTORY_SOURCE_CACHE"
elif [ "$(id -u)" = 0 ]; then CACHE=/var/cache/inventory_source
else CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/inventory_source"; fi

key() { sha256sum | cut -c1-12; }

# $1: a name of /etc/os-release. OS_RELEASE: another such file, for the tests.
os_release() { (. "${OS_RELEASE:-/etc/os-release}" 2>/dev/null && echo "${!1:-}") || true; }

# The machine's own source of Debian packages, so that no host stands here: not its installation disc, nor what has
# fixes only. Either of the files may be missing. APT_ETC: another such folder, for the tests.
APT_ETC="${APT_ETC:-/etc/apt}"
debian_mirror() {
    sed -n '/cdrom:/d; /debian-security/d; s/^URIs: *\([^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] \)\?\([^ ]*\) .*/\2/p' \
        "$APT_ETC/sources.list.d/debian.sources" "$APT_ETC/sources.list" 2>/dev/null | head -n 1 || true
}
debian_keyring() {
    { sed -n 's/^Signed-By: *//p' "$APT_ETC/sources.list.d/debian.sources" 2>/dev/null
      echo /usr/share/keyrings/debian-archive-keyring.gpg; } | head -n 1 || true
}

LOGS="$CACHE/logs"
ODOO_PACKAGE=odoo-19
# What the Odoo package links to; from the machine's own suite.
LINKED_PACKAGES="libjs-jquery libjs-underscore libjs-jquery-form fonts-font-awesome fonts-roboto-unhinted fonts-inconsolata fonts-glyphicons-halflings fonts-ocr-b"
ODOO_PREFIX="$CACHE/odoo-$(printf '%s %s' "$ODOO_PACKAGE" "$LINKED_PACKAGES" | key)"
if [ -n "${ODOO_SOURCE:-}" ]; then
    ODOO_SOURCE="$(realpath -m "$ODOO_SOURCE")"
    ODOO_PATH="$ODOO_SOURCE"; ODOO_BIN="$ODOO_SOURCE/odoo-bin"
    # A base database made from an older commit would lack what the newer one expects.
    ODOO_COMMIT="$(git -C "$ODOO_SOURCE" rev-parse HEAD 2>/dev/null || true)"
else
    ODOO_PATH="$ODOO_PREFIX/usr/lib/python3/dist-packages"; ODOO_BIN="$ODOO_PREFIX/usr/bin/odoo"
fi

PYTHON_BASE="${PYTHON:-$(command -v python3.11 || command -v python3 || true)}"
PYTHON_NAME="$("$PYTHON_BASE" -VV 2>/dev/null || true)"
LOCKS="$CHECKOUT/dev/requirements/$(printf %s "$PYTHON_NAME" | sed -En '1s/^Python ([0-9]+\.[0-9]+).*/\1/p')"
# Where the packages of one lock are installed: odoo, client-oldest or client-newest.
venv_of() { echo "$CACHE/venv-$1-$({ cat "$LOCKS/$1.txt" 2>/dev/null || true; echo "$PYTHON_NAME"; } | key)"; }
VENV="$(venv_of odoo)"

# The independent OAuth server, and axe-core, which judges screens; only `dev/test processes` wants them.
NODE_MODULES="$CACHE/node_modules-$(cat "$CHECKOUT"/dev/node/package*.json | key)/node_modules"

# Two checkouts share what is fetched, never their databases, logs or running servers.
CHECKOUT_KEY="$(printf %s "$CHECKOUT" | key)"
WORK="$CACHE/checkout-$CHECKOUT_KEY"
ADDONS="$WORK/addons"
ADDON="$ADDONS/inventory_source"
ODOO_CONF="$WORK/odoo.conf"

# The newest server: there may be a newer client without one. PG_LIB: another such folder, for the tests.
PG_INITDB="$(ls -d "${PG_LIB:-/usr/lib/postgresql}"/*/bin/initdb 2>/dev/null | sort -V | tail -n 1 || true)"
PG_BIN="$(dirname "${PG_INITDB:-$(command -v initdb || true)}")"
PG_VERSION="$("$PG_BIN/initdb" --version 2>/dev/null | sed -E 's/^[^)]*\) ([0-9]+).*/\1/' || true)"
PG_DATA="$CACHE/postgresql-$PG_VERSION"
PG_SOCKET="$CACHE/run"
export PGHOST="$PG_SOCKET" PGUSER=inventory_source PGPORT=5432
unset PGPASSWORD PGDATABASE PGSERVICE 2>/dev/null || true

BASE_MODULES=sale_management,stock_dropshipping,stock_delivery
BASE_DATABASE="base_$(printf '%s %s files-inside' "$ODOO_PATH${ODOO_COMMIT:+ $ODOO_COMMIT}" "$BASE_MODULES" | key)"
# Other apps of Odoo that the addon works with but does not need; only `dev/test apps` wants them.
OTHER_MODULES=sale_mrp,website_sale,stock_sms,sale_loyalty,pos_sale,purchase_requisition_sale
OTHER_DATABASE="base_$(printf '%s %s' "$BASE_DATABASE" "$OTHER_MODULES" | key)"

# The name of one of this checkout's databases, so that `make clean` knows them.
database() { echo "$1_$CHECKOUT_KEY"; }

# As the superuser: nobody else may end an autovacuum that happens to be at work in it.
drop_database() {
    PGOPTIONS="-c client_min_messages=warning" "$PG_BIN/dropdb" -U postgres --if-exists --force "$1"
}

# Held (shared) by whatever uses the cluster and inherited by the servers it starts; whoever wants to
# stop the cluster needs it alone.
hold_cluster() { mkdir -p "$CACHE"; exec 8>>"$CACHE/in-use"; flock -s 8; }

# Two runs of one command would drop each other's database: the second one waits.
alone() {
    mkdir -p "$WORK"; exec 7>>"$WORK/$1.lock"
    flock -n 7 || { echo "Waiting for another $1 of this checkout to end"; flock 7; }
}

# As root the cluster runs as the postgres user; everybody else runs their own.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then (cd / && setpriv --reuid postgres --regid postgres --init-groups "$@")
    else "$@"; fi
}

# step NAME COMMAND...: run it, print one line with its seconds, and name the log when it fails.
step() {
    local name="$1" log started status; shift
    log="$LOGS/$(printf %s "$name" | tr -c 'a-zA-Z0-9' '-').log"
    mkdir -p "$LOGS"
    started=$(date +%s%N)
    # Not as a condition: bash ignores `set -e` inside one, and a failed line would go unnoticed.
    set +e
    (set -e; "$@") >"$log" 2>&1
    status=$?
    set -e
    if [ $status = 0 ]; then
        printf '  %-44s %6s s\n' "$name" "$(seconds_since "$started")"
    else
        printf '  %-44s FAILED, see %s\n' "$name" "$log" >&2
        tail -n 15 "$log" | sed 's/^/    | /' >&2
        exit 1
    fi
}

seconds_since() {
    local tenths=$(( ($(date +%s%N) - $1) / 100000000 ))
    echo "$((tenths / 10)).$((tenths % 10))"
}
