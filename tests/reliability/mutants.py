"""The promises of the provider, each with a change of its source that breaks it."""

from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path("provider") / "pulumi_alicloud_mps"


@dataclass(frozen=True)
class Mutant:
    """A promise that is broken.

    Attributes:
        title: What goes wrong.
        module: Where, within the package.
        old: The text of the module that is replaced; it has it once.
        new: What it is replaced by.
        elsewhere: The tests that probably notice it, where those of the module don't.
    """

    title: str
    module: str
    old: str
    new: str
    elsewhere: tuple[str, ...] = ()

    @property
    def likely(self) -> tuple[str, ...]:
        """The tests that probably notice it."""
        path = Path("tests") / self.module
        return self.elsewhere or (str(path.with_name(f"test_{path.name}")),)

    def applied_to(self, text: str) -> str:
        """Return the module's text with the promise broken.

        Raises:
            ValueError: It has the place never, or more than once.
        """
        if text.count(self.old) != 1:
            raise ValueError(f"{self.module} has {text.count(self.old)} times: {self.old}")
        return text.replace(self.old, self.new)


MUTANTS = (
    # A library is created once.
    Mutant(
        "a Create without an answer is sent again",
        "mps/client.py",
        "self._send_once(CREATE, parameters, deadline)",
        "self._read_with_retry(CREATE, parameters, deadline)",
        ("tests/mps/test_unanswered.py",),
    ),
    Mutant(
        "a name that is taken is not refused",
        "mps/creation.py",
        "raise _taken(spec, self._found(spec, list(taken.values())))",
        "return",
    ),
    Mutant(
        "a name that MPS spells otherwise counts as free",
        "mps/creation.py",
        "                if spec.may_have_made(library) and key not in self._deleted\n",
        "                if spec.name == library.name and key not in self._deleted\n",
    ),
    Mutant(
        "a run does not wait for what an earlier one may have made",
        "mps/creation.py",
        "self._await_earlier(spec, note, deadline, replaced, notice)",
        "pass",
        ("tests/mps/test_unanswered.py",),
    ),
    Mutant(
        "an older library passes for the one that a lost answer made",
        "mps/unanswered.py",
        "if key not in (self.known or ())",
        "if key",
    ),
    Mutant(
        "of two libraries that appeared, the first is taken",
        "mps/unanswered.py",
        "if len(found) > 1:",
        "if len(found) > len(found):",
    ),
    Mutant(
        "a call is sent again by the HTTP adapter",
        "mps/transport.py",
        "max_retries=0",
        'max_retries=__import__("urllib3").Retry(2, allowed_methods=None)',
    ),
    Mutant(
        "every attempt gets the same name",
        "names.py",
        'return f"{logical}-{_digest(urn)}-{seed.hex()[:_ATTEMPT_LENGTH]}"',
        'return f"{logical}-{_digest(urn)}-00000000"',
    ),
    Mutant(
        "a pattern with little that is random differs from attempt to attempt",
        "names.py",
        "text = _digits(kind, length, urn.encode() + place)",
        "text = _digits(kind, length, seed + place)",
    ),
    Mutant(
        "`pulumi:autonaming` for all providers wins over that for libraries",
        "stack_configuration.py",
        "for level in [*levels, settings]:",
        "for level in [settings, *levels]:",
    ),
    Mutant(
        "a library's name changes when `pulumi:autonaming` does",
        "inputs.py",
        'if "name" in missing and (name := olds.get("name")):',
        'if "name" in missing and not default_name and (name := olds.get("name")):',
    ),
    Mutant(
        "a library of an earlier attempt's name is no hindrance",
        "mps/models.py",
        "return is_attempt or any(",
        "return any(",
        (
            "tests/mps/test_creation.py",
            "tests/mps/test_unanswered.py",
            "tests/stacks/test_kills.py",
        ),
    ),
    Mutant(
        "what was asked for under another stack name is no hindrance",
        "operations/create_operation.py",
        "if self.libraries.any_resembles(spec, self.deadline):",
        "if False:",
        ("tests/stacks/test_recover.py",),
    ),
    Mutant(
        "a replacement forgets which libraries it kept",
        "operations/lifecycle.py",
        "return list(dict.fromkeys(found))",
        "return []",
        ("tests/dynamic/test_replacement.py",),
    ),
    Mutant(
        "a forced replacement does not know what it replaces",
        "operations/lifecycle.py",
        "        return bool(more)\n",
        "        return False\n",
        ("tests/dynamic/test_replacement.py",),
    ),
    # Its ID is not lost.
    Mutant(
        "the ID is forgotten where the wait fails",
        "operations/create_operation.py",
        "raise NotReadyError(library.fp_db_id, outputs, one_line(error)) from error",
        "raise",
        ("tests/dynamic/test_waiting.py",),
    ),
    Mutant(
        "an ID that MPS has answered with is overwritten",
        "mps/creation.py",
        "self._refuse_made(spec, note, deadline, replaced)",
        "pass",
        ("tests/mps/test_libraries.py",),
    ),
    Mutant(
        "`recover` believes a name",
        "recovery/search.py",
        "if found and not proven:",
        "if found and not found:",
        ("tests/recovery/test_recover.py",),
    ),
    Mutant(
        "a create that ended without an answer proves whose a later library is",
        "state/journal.py",
        '_UNRESOLVED = "unresolved"',
        '_UNRESOLVED = ""',
    ),
    Mutant(
        "`recover` does not believe a generated name",
        "recovery/search.py",
        "if spec.stem or note.may_have_made(item.fp_db_id)",
        "if note.may_have_made(item.fp_db_id)",
        ("tests/recovery/test_recover.py",),
    ),
    Mutant(
        "`recover` believes a list that lacks a library of the state",
        "recovery/search.py",
        "        if unlisted:\n",
        "        if unlisted and not siblings:\n",
        ("tests/recovery/test_recover.py",),
    ),
    # A refresh forgets on proof alone.
    Mutant(
        "the credentials' account is not compared",
        "mps/service.py",
        "if account_id not in {None, current}:",
        "if account_id not in {None, current, account_id}:",
    ),
    Mutant(
        "what was never listed counts as gone",
        "mps/presence.py",
        "        if not listed:\n",
        "        if not listed:\n            return None\n",
    ),
    Mutant(
        "silence about a library counts as gone",
        "mps/presence.py",
        "        raise unmentioned(fp_db_id)\n",
        "        return None\n",
    ),
    Mutant(
        "NonExistIds is believed when it is said once",
        "mps/presence.py",
        "        self._clock.sleep(CONFIRM_SECONDS)\n",
        "        return None\n",
    ),
    Mutant(
        "NonExistIds is believed of a host that lists no other library",
        "mps/presence.py",
        "if known or any(key in listing.libraries for key in others):",
        "if known or fp_db_id:",
    ),
    Mutant(
        "a delete job that failed counts as proof",
        "mps/presence.py",
        "known=not all(job.failed for job in jobs)",
        "known=bool(jobs)",
    ),
    Mutant(
        "what MPS calls deleted is not forgotten",
        "mps/presence.py",
        "        if library is not None and library.gone:\n            return None\n",
        "",
    ),
    Mutant(
        "what a delete job has ended is not forgotten",
        "mps/presence.py",
        "        if any(job.status == DeleteJobStatus.SUCCESS.value for job in jobs):\n",
        "        if any(jobs[:0]):\n",
    ),
    Mutant(
        "a purge counts as a deletion",
        "mps/client.py",
        'for job in jobs if job.set("DelType") != "Purge"',
        "for job in jobs",
    ),
    # Fingerprints are not destroyed.
    Mutant(
        "there is no guard before a deletion",
        "mps/deletion.py",
        "        if force:\n            return\n",
        "        if library:\n            return\n",
    ),
    Mutant(
        "content that can't be checked counts as none",
        "mps/deletion.py",
        "        except ApiError as error:\n            raise DeletionRefusedError(\n",
        "        except ApiError as error:\n            return\n"
        "            raise DeletionRefusedError(\n",
    ),
    Mutant(
        "content that MPS may not list counts as none",
        "mps/deletion.py",
        "if library.model_id not in LISTED_CONTENT:",
        "if library.model_id not in {library.model_id}:",
    ),
    Mutant(
        "an empty page counts as an empty library",
        "mps/client.py",
        "if files or not next_page:",
        "if next_page or not next_page:",
    ),
    Mutant(
        "what was empty before a pause is not looked into again",
        "mps/deletion.py",
        "            job_id = self._submit(library, deadline)\n        return job_id\n",
        "            again = retrying(was_not_executed(SUBMIT_DELETION), self._clock, deadline)\n"
        "            job_id = again(self._submit, library, deadline)\n        return job_id\n",
    ),
    Mutant(
        "`force_destroy` counts whatever its value is",
        "operations/lifecycle.py",
        'force=props.get("force_destroy") is True,',
        'force=bool(props.get("force_destroy")),',
        ("tests/dynamic/test_delete.py",),
    ),
    Mutant(
        "what another entry of the state has is deleted",
        "operations/ownership.py",
        "            if not others:\n",
        "            if not others or others:\n",
        ("tests/operations/test_other_entries.py",),
    ),
    Mutant(
        "another entry evades the guard of the one that adopted",
        "operations/ownership.py",
        "if not _leaves(mine, others):",
        "if not others:",
        ("tests/operations/test_other_entries.py",),
    ),
    Mutant(
        "a library is deleted where the state can't be read",
        "operations/ownership.py",
        "            raise DeletionRefusedError(\n",
        "            return None\n            raise DeletionRefusedError(\n",
        ("tests/dynamic/test_delete.py",),
    ),
    Mutant(
        "what another resource has just adopted is deleted",
        "operations/ownership.py",
        "        return holder.urn\n",
        "        return None\n",
        ("tests/dynamic/test_adopt.py",),
    ),
    Mutant(
        "MPS's spelling of a description replaces the library",
        "operations/lifecycle.py",
        "replaces = changed_identity(said, news)",
        "replaces = changed_identity(olds, news)",
        ("tests/dynamic/test_diff.py", "tests/dynamic/test_read.py"),
    ),
    Mutant(
        "a refresh takes MPS's spelling into the inputs",
        "operations/lifecycle.py",
        "            return Found(outputs)\n",
        '            told = {**said, "description": outputs["description"]}\n'
        "            return Found(outputs, told)\n",
        ("tests/dynamic/test_read.py",),
    ),
    Mutant(
        "a library moves to a region that does not answer",
        "operations/preview_checks.py",
        "raise _no_region(region, home, reason)",
        "return",
        ("tests/dynamic/test_replacement.py",),
    ),
    Mutant(
        "a region that no preview could ask is not asked before the deletion",
        "operations/preview_checks.py",
        "if region := self._unasked.get(fp_db_id):",
        "if region := self._unasked.get(home):",
        ("tests/dynamic/test_replacement.py",),
    ),
    Mutant(
        "a preview does not warn of what a replacement loses",
        "operations/lifecycle.py",
        "self._content_warnings.warn(urn, fp_db_id, olds, replaces)",
        "pass",
        ("tests/dynamic/test_content_warnings.py",),
    ),
    Mutant(
        "a warning lacks the mark that the comment reads",
        "content_warning.py",
        "{line} [mps-files {found.files}",
        "{line} [files {found.files}",
    ),
    Mutant(
        "a probe deletes libraries of others",
        "probe/own_libraries.py",
        "if item.name.startswith(PREFIX)]",
        "]",
        ("tests/probe",),
    ),
    Mutant(
        "a probe deletes a library that somebody has filled",
        "probe/own_libraries.py",
        "force=False",
        "force=True",
        ("tests/probe/test_command.py",),
    ),
    Mutant(
        "a probe leaves what it has made",
        "probe/probing.py",
        "            self._own.clean()\n",
        "            pass\n",
        ("tests/probe/test_command.py",),
    ),
    Mutant(
        "a probe does not note what it has made",
        "probe/probing.py",
        'self._own.add(made["FpDBId"])',
        "pass",
        ("tests/probe",),
    ),
    # MPS's answers are tolerated.
    Mutant(
        "one odd library makes a whole listing unreadable",
        "mps/client.py",
        'name=item.optional("Name") or "",',
        'name=item.text("Name"),',
    ),
    Mutant(
        "of a job, a status that nobody knows is a failure",
        "mps/models.py",
        "return self.status == DeleteJobStatus.FAIL.value",
        "return not self.ends",
        ("tests/mps/test_deletion.py",),
    ),
    Mutant(
        "a state that nobody knows is a failure",
        "mps/libraries.py",
        "if seen.state in _WAYS_OUT:",
        "if seen.state != LibraryState.ACTIVE.value:",
    ),
    Mutant(
        "a job that goes on is submitted once more",
        "mps/deletion.py",
        "        if job_id is None:\n            self._guard(",
        "        if library:\n            self._guard(",
    ),
    Mutant(
        "a library is adopted without a comparison",
        "mps/libraries.py",
        "if differences := spec.differences(library):",
        "if differences := spec.differences(library)[:0]:",
    ),
    # A preview refuses what MPS would, and nothing that is unchanged differs.
    Mutant(
        "a text library in a region that has none is previewed",
        "inputs.py",
        "region not in {None, TEXT_REGION}:",
        "region not in {None, TEXT_REGION, region}:",
    ),
    Mutant(
        "an unknown value counts as the same one",
        "operations/properties.py",
        "pulumi.contains_unknowns(news.get(key)) or olds.get(key) != news.get(key)",
        "not pulumi.contains_unknowns(news.get(key)) and olds.get(key) != news.get(key)",
        ("tests/dynamic/test_diff.py",),
    ),
    Mutant(
        "an input that a preview leaves out counts as unknown",
        "fp_shot_db.py",
        "return answered is None or await answered.is_known()",
        "return False",
    ),
    Mutant(
        "another Python would write another pointer into the state",
        "dynamic/provider.py",
        '"gASVQAAA',
        '"gAWVQAAA',
        ("tests/test_package.py",),
    ),
    # No secret is told.
    Mutant(
        "keys in an error text are not hidden",
        "mps/redaction.py",
        'line = line.replace(form, "…")',
        "pass",
        ("tests/mps/test_transport.py",),
    ),
    Mutant(
        "names and descriptions in an error text are not hidden",
        "mps/transport.py",
        "_Hidden(keys.secrets, _chosen(parameters))",
        "_Hidden(keys.secrets, [])",
    ),
    Mutant(
        "a wrong input's value is shown",
        "inputs.py",
        'return _FIELD_MESSAGES.get(item["type"], str(item["msg"]))',
        "return f\"{item['msg']}: {item['input']}\"",
    ),
    Mutant(
        "certificates are not checked", "mps/transport.py", "verify=self._verify", "verify=False"
    ),
    Mutant(
        "a call of this machine goes to a proxy",
        "mps/transport.py",
        "if endpoint.loopback or proxy_bypass(endpoint.host):",
        "if proxy_bypass(endpoint.host):",
    ),
    Mutant(
        "a call that fails has no line in the log of calls",
        "mps/transport.py",
        "log(code=error.code, request_id=error.request_id)",
        "pass",
        ("tests/mps/test_service.py",),
    ),
    Mutant(
        "the log of calls has the signed URL",
        "mps/transport.py",
        "log(problem=failure.detail)",
        "log(problem=str(error))",
        ("tests/mps/test_service.py",),
    ),
    # Every wait ends.
    Mutant(
        "a wait goes on until the look after its deadline",
        "mps/poller.py",
        "wait.due = min(now + interval(now - wait.started), max(wait.deadline, now))",
        "wait.due = now + interval(now - wait.started)",
    ),
    Mutant(
        "the account's check waits as long as the operation",
        "mps/service.py",
        "until = min(deadline, now + _IDENTITY_ATTEMPTS)",
        "until = deadline",
    ),
    Mutant(
        "a Ctrl-C ends no wait",
        "dynamic/stopping.py",
        "on_cancel(stopping.set)",
        "on_cancel(lambda: None)",
    ),
)
