.PHONY: help demo serve stop test lint peer-tests screenshots bench matrix dump audit rooms pot clean

help:        ## show this list
	@sed -n 's/^\([a-z-]*\): *## /  make \1\t/p' Makefile | expand -t 20
demo:        ## play the whole story on real Odoo, PostgreSQL and a local Inventory Source
	@dev/demo/run
serve:       ## leave all of it running for a browser
	@dev/serve
stop:        ## end what make serve started
	@dev/stop
test:        ## run all tests
	@dev/test
lint:        ## check format, rules, types and XML
	@dev/lint
peer-tests:  ## run Odoo's own tests of the apps we extend, with the addon installed
	@dev/peer-tests
screenshots: ## take a picture of every screen, at a desk and on a phone, into TO (build/screenshots)
	@dev/screenshots $(TO)
bench:       ## measure against the bars
	@dev/bench/run
matrix:      ## install and test on Debian 12 with its own packages and on Debian 13 (as root)
	@dev/matrix
dump:        ## fill a database and write it down, for the tests of later versions
	@dev/dump/run
audit:       ## compare every Python package with the known advisories (asks the network)
	@dev/audit
rooms:       ## print which file of models/ opens which model
	@PYTHONPATH=dev dev/python -m workbench.rooms
pot:         ## write i18n/inventory_source.pot, the template for translators, anew
	@dev/pot
clean:       ## remove this checkout's databases and caches
	@dev/clean
