"""Everything the sandbox remembers, as files under one directory that outlive the process.

Only `providers.sandbox` calls this. `tasks/<id>.json` holds one record each, replaced whole;
`ledger.jsonl` gets one line per accepted create ("id", "path", "model", "prompt", "at", "key4"), so
that a test can count what was really taken; `outputs/<id>/<n>.<suffix>`,
`inputs/<id>-<field>` (until it is rendered) and `uploads/<id>` are files.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
import os
import secrets
import shutil
import threading
from pathlib import Path
from typing import Any

from providers.sandbox.timeline import Record


class Store:
    """The records of one data directory, held in memory and written through. Thread-safe."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = threading.RLock()
        for name in ("tasks", "outputs", "inputs", "uploads"):
            (root / name).mkdir(parents=True, exist_ok=True)
        self._secret = self._read_secret()
        self._records = self._read_records()
        self._refusals: dict[str, int] = _read_json(root / "refusals.json")

    def add(self, record: Record, key4: str) -> None:
        """Remember a new task for good, then write its line in the ledger."""
        with self._lock:
            self._save(record)
            line = {
                "id": record.id,
                "path": record.path,
                "model": record.model,
                "prompt": record.body.get("promptText", ""),
                "at": record.at,
                "key4": key4,
            }
            _append_line(self.root / "ledger.jsonl", json.dumps(line))

    def get(self, task_id: str) -> Record | None:
        """The record of a task, deleted ones included; None if there never was one."""
        return self._records.get(task_id)

    def all(self) -> list[Record]:
        """Every record, deleted ones included, oldest first."""
        with self._lock:
            return sorted(self._records.values(), key=lambda record: record.at)

    def change(self, task_id: str, **fields: Any) -> Record:
        """Replace some fields of a record; the new record."""
        with self._lock:
            record = dataclasses.replace(self._records[task_id], **fields)
            self._save(record)
            return record

    def count(self, task_id: str, counter: str) -> int:
        """Add one to `links` or `downloads` of a task; the number before."""
        with self._lock:
            before: int = getattr(self._records[task_id], counter)
            self.change(task_id, **{counter: before + 1})
            return before

    def finish(self, task_id: str, at: float) -> None:
        """Note that all files of a task exist; of one deleted meanwhile they are dropped."""
        if self.change(task_id, rendered=True, over_at=at).deleted_as is not None:
            self._drop_outputs(task_id)
        self._drop_inputs(task_id)

    def delete(self, task_id: str, status: str, at: float) -> bool:
        """Mark a task as deleted in `status` and drop its files; False if it already was."""
        with self._lock:
            if self._records[task_id].deleted_as is not None:
                return False
            self.change(task_id, deleted_as=status, deleted_at=at)
        self._drop_outputs(task_id)
        self._drop_inputs(task_id)
        return True

    def refusals_before(self, prompt: str) -> int:
        """Count one more refused create for exactly this prompt; how many there were before."""
        digest = hashlib.sha256(prompt.encode()).hexdigest()
        with self._lock:
            before = self._refusals.get(digest, 0)
            self._refusals[digest] = before + 1
            _write_json(self.root / "refusals.json", self._refusals)
            return before

    def output(self, task_id: str, number: int, suffix: str) -> Path:
        """Where one output of a task lies, or will lie."""
        return self.root / "outputs" / task_id / f"{number}.{suffix}"

    def input(self, name: str) -> Path:
        """Where a medium of a request lies, or will lie."""
        return self.root / "inputs" / name

    def upload(self, upload_id: str) -> Path:
        """Where an uploaded file lies, or will lie."""
        return self.root / "uploads" / upload_id

    def sign(self, text: str) -> str:
        """A signature over `text` that stays valid across restarts."""
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()[:32]

    def _drop_outputs(self, task_id: str) -> None:
        shutil.rmtree(self.root / "outputs" / task_id, ignore_errors=True)

    def _drop_inputs(self, task_id: str) -> None:
        for path in (self.root / "inputs").glob(f"{task_id}-*"):
            path.unlink(missing_ok=True)

    def _save(self, record: Record) -> None:
        self._records[record.id] = record
        _write_json(self.root / "tasks" / f"{record.id}.json", dataclasses.asdict(record))

    def _read_secret(self) -> bytes:
        path = self.root / "secret"
        if not path.exists():
            path.write_text(secrets.token_hex(32))
        return path.read_bytes()

    def _read_records(self) -> dict[str, Record]:
        records = map(_read_record, (self.root / "tasks").glob("*.json"))
        return {record.id: record for record in records}


def _read_record(path: Path) -> Record:
    """A record, perhaps of another version: what that knew and this does not is left out."""
    known = {field.name for field in dataclasses.fields(Record)}
    return Record(**{key: value for key, value in _read_json(path).items() if key in known})


def _read_json(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _write_json(path: Path, content: dict[str, Any]) -> None:
    """Replace a file whole, so that a reader or a crash never meets half of it."""
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps(content), encoding="utf-8")
    draft.replace(path)


def _append_line(path: Path, line: str) -> None:
    """One write to a file opened for appending, so that lines never mix."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(descriptor, f"{line}\n".encode())
    finally:
        os.close(descriptor)
