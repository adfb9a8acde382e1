"""The set-up script says in a sentence what is missing, makes an environment once, and nothing more."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="a POSIX shell script")


@pytest.fixture
def fakes(tmp_path):
    """A folder that is the whole PATH; `add(name, script)` puts a fake program there."""
    folder = tmp_path / "path"
    folder.mkdir()
    for tool in ("sh", "rm", "cat"):
        (folder / tool).symlink_to(shutil.which(tool))

    def add(name, script):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)

    return folder, add


def setup(path, python, environment):
    command = ["sh", str(ROOT / "scripts" / "environment.sh"), python, str(environment), "all,test"]
    return subprocess.run(command, capture_output=True, text=True, env={"PATH": str(path)}, cwd=ROOT, timeout=60)


def test_no_python_names_the_package_to_install(fakes, tmp_path):
    result = setup(fakes[0], "python3", tmp_path / "env")
    assert result.returncode == 1
    assert "apt-get install python3 python3-venv" in result.stderr
    assert not (tmp_path / "env").exists()


# The last Python that is too old, in all that the script asks of it.
OLD = f"""case "$*" in
  *version_info*) exec {sys.executable} -c "import sys; sys.version_info = (3, 10, 14); $2";;
  --version) echo "Python 3.10.14";;
esac"""


def test_an_old_python_is_told_apart(fakes, tmp_path):
    path, add = fakes
    add("python3", OLD)
    result = setup(path, "python3", tmp_path / "env")
    assert result.returncode == 1
    assert "needs Python 3.11 or newer, and python3 is Python 3.10.14." in result.stderr
    assert "PYTHON=/path/to/it" in result.stderr


def test_a_newer_python_beside_the_old_one_is_offered(fakes, tmp_path):
    path, add = fakes
    add("python3", OLD)
    add("python3.12", "exit 0")
    result = setup(path, "python3", tmp_path / "env")
    assert result.returncode == 1
    assert "add PYTHON=python3.12" in result.stderr


def test_missing_venv_support_names_the_package_to_install(fakes, tmp_path):
    path, add = fakes
    add("python3", f'case "$*" in *ensurepip*) exit 1;; *) exec {sys.executable} "$@";; esac')
    result = setup(path, "python3", tmp_path / "env")
    assert result.returncode == 1
    assert "apt-get install python3-venv (or python3." in result.stderr
    assert not (tmp_path / "env").exists()


def test_the_environment_is_made_once_and_installed_into(fakes, tmp_path):
    path, add = fakes
    log, environment = tmp_path / "log", tmp_path / "env"
    # A Python whose venv is a folder with a Python that writes down what it is asked for.
    inner = f'echo \\"\\$*\\" >> {log}'
    add(
        "python3",
        f'case "$*" in *"-m venv"*) {shutil.which("mkdir")} -p {environment}/bin; echo made >> {log};'
        f' printf "#!/bin/sh\\n%s\\n" "{inner}" > {environment}/bin/python;'
        f" {shutil.which('chmod')} +x {environment}/bin/python;; esac",
    )
    for _ in range(2):
        result = setup(path, "python3", environment)
        assert result.returncode == 0, result.stderr
        assert (environment / ".installed").exists()
    lines = log.read_text().splitlines()
    assert lines.count("made") == 1
    assert sum("pip install" in line and "--editable .[all,test]" in line for line in lines) == 2


def test_a_failed_installation_is_not_taken_for_a_finished_one(fakes, tmp_path):
    path, add = fakes
    environment = tmp_path / "env"
    (environment / "bin").mkdir(parents=True)
    (environment / ".installed").touch()
    (environment / "bin" / "python").write_text('#!/bin/sh\ncase "$*" in *install*) exit 3;; esac\n')
    (environment / "bin" / "python").chmod(0o755)
    add("python3", "exit 0")
    assert setup(path, "python3", environment).returncode == 3
    assert not (environment / ".installed").exists()


SOURCES = ("pyproject.toml", "scripts/environment.sh", "Makefile")


@pytest.mark.parametrize("changed", [None, *SOURCES])
def test_make_installs_again_only_when_a_list_of_packages_may_have_changed(tmp_path, changed):
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    (tmp_path / "scripts").mkdir()
    (tmp_path / ".venv").mkdir()
    for name in SOURCES:
        shutil.copy(ROOT / name, tmp_path / name)
        os.utime(tmp_path / name, (300, 300) if name == changed else (100, 100))
    stamp = tmp_path / ".venv" / ".installed"
    stamp.touch()
    os.utime(stamp, (200, 200))
    command = ["make", "--dry-run", "verify"]
    plan = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60, check=True).stdout
    assert ("environment.sh" in plan) is (changed is not None)
    assert "gamedyn verify" in plan
