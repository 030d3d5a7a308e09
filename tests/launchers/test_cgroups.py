"""Which control group is left to us."""

import os
from pathlib import Path

import pytest
from cgroup_tree import CgroupTree

from tbgateway.launchers.cgroups import NotDelegatedError, controllers, delegated_group, enable

NOBODY = 65534


@pytest.fixture
def tree(tmp_path: Path) -> CgroupTree:
    return CgroupTree(tmp_path)


def test_the_group_of_a_service_with_delegate_is_ours(tree: CgroupTree) -> None:
    assert delegated_group(tree.proc) == tree.own


def test_once_moved_into_its_own_group_the_gateway_finds_the_one_above(tree: CgroupTree) -> None:
    (tree.own / "gateway").mkdir()
    tree.enter("/system.slice/tbgateway.service/gateway")

    assert delegated_group(tree.proc) == tree.own


def test_a_group_that_nobody_left_to_us_is_not_touched(tree: CgroupTree) -> None:
    if os.geteuid() != 0:
        pytest.skip("becoming another user needs root")
    os.removexattr(tree.own, "user.delegate")
    os.chown(tree.own, NOBODY, -1)

    with pytest.raises(NotDelegatedError, match="not delegated"):
        delegated_group(tree.proc)


def test_a_mount_that_begins_further_down_the_tree_is_understood(tree: CgroupTree) -> None:
    line = f"36 31 0:30 /system.slice {tree.mount / 'system.slice'} rw - cgroup2 none rw\n"
    (tree.proc / "mountinfo").write_text(line)

    assert delegated_group(tree.proc) == tree.own


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        ("cgroup", "4:memory:/a\n1:name=systemd:/b\n", "version 1 only"),
        ("mountinfo", "31 23 0:28 / /sys rw - sysfs sysfs rw\n", "not mounted"),
    ],
)
def test_without_version_2_it_is_said_that_there_are_no_groups(
    tree: CgroupTree, file: str, text: str, reason: str
) -> None:
    (tree.proc / file).write_text(text)

    with pytest.raises(NotDelegatedError, match=reason):
        delegated_group(tree.proc)


def test_without_proc_it_is_said_too(tmp_path: Path) -> None:
    with pytest.raises(NotDelegatedError, match="No such file"):
        delegated_group(tmp_path)


def test_only_what_there_is_is_enabled(tree: CgroupTree) -> None:
    enable(tree.own, controllers(tree.own) & {"memory", "pids", "rdma"})

    assert tree.read("cgroup.subtree_control") == "+memory +pids"
