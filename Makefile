# Chợ Xã. `make run` opens the market; everything else is for those who work on it.
# Choose an interpreter with PYTHON=python3.12 make run. Settings: docs/settings.md.
py := .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help setup setup-run run test journeys check bench tour faults pay lock messages

help:
	@echo "make run       mở chợ / open the market (PORT, DEMO, DATA_DIR, DATABASE_URL)"
	@echo "make pay       trả tiền ở ngân hàng thử / pay at the demo bank: make pay REF=… [AMOUNT=…]"
	@echo "make setup     cài mọi thứ để sửa mã / install what developing needs"
	@echo "make test      chạy kiểm thử trên SQLite và PostgreSQL / run the tests on both databases"
	@echo "make journeys  đi chợ trong trình duyệt / live the journeys in a browser"
	@echo "make check     kiểm tra mã, kiểu, bản dịch / lint, types, templates, translations"
	@echo "make bench     đo tốc độ / measure"
	@echo "make tour      chụp lại docs/tour.md / take the pictures of docs/tour.md"
	@echo "make faults    giết từng phần rồi đếm lại / kill parts and count again"
	@echo "make messages  gom câu cần dịch / collect the texts to translate"
	@echo "make lock      khóa lại phiên bản các gói / lock the package versions anew"

setup:
	@sh tools/setup.sh dev

setup-run:
	@sh tools/setup.sh run

# --follow: the market stops when this make is killed, too.
run: setup-run
	@$(py) -m backend.project.run --follow

pay: setup-run
	@test -n "$(REF)" || { echo "Thiếu mã: make pay REF=… [AMOUNT=…] / REF is missing" >&2; exit 1; }
	@$(py) -m payments.demobank pay --ref "$(REF)" $(if $(AMOUNT),--amount "$(AMOUNT)")

test: setup
	@$(py) -m tools.run_tests $(ARGS)

# `make test` lives every journey on both databases and shares out the ways to live it; here each lives all.
journeys: setup
	@TEST_EVERYTHING=1 $(py) -m tools.run_tests tests/journeys $(ARGS)

check: setup
	@$(py) -m tools.check

bench: setup
	@$(py) -m tests.bench $(ARGS)

tour: setup
	@$(py) -m tools.machine
	@TOUR=1 $(py) -m pytest tests/journeys -k script-phone $(ARGS)

# Twenty times what make test does, on both databases: some twenty minutes.
faults: setup
	@FAULT_PAYMENTS=$${FAULT_PAYMENTS:-10000} $(py) -m tools.run_tests tests/faults $(ARGS)

messages: setup
	@$(py) -m tools.messages

lock: setup
	@for each in uv run dev; do \
		$(py) -m uv pip compile -q --upgrade --universal --generate-hashes --python-version 3.11 \
			--no-emit-index-url --no-header -o requirements/$$each.txt requirements/$$each.in || exit 1; \
	done
