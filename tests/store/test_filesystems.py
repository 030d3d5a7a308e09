from pathlib import Path

import pytest

from tbgateway.domain.errors import InvalidInputError
from tbgateway.store.filesystems import filesystem_of, find_filesystem, refuse_network_disk

MOUNTS = r"""/dev/vda / ext4 rw 0 0
proc /proc proc rw 0 0
server:/home /home nfs4 rw 0 0
server:/big /mnt/big\040disk nfs rw 0 0
tmpfs /home/ada/scratch tmpfs rw 0 0
/dev/vdb /data nfs rw 0 0
/dev/vdb /data xfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/tbgateway", "ext4"),
        ("/home", "nfs4"),
        ("/home/ada/state", "nfs4"),
        ("/home/ada/scratch/state", "tmpfs"),
        ("/homework", "ext4"),
        ("/mnt/big disk/state", "nfs"),
        ("/data/state", "xfs"),
    ],
)
def test_the_deepest_and_last_mount_counts(path: str, kind: str) -> None:
    assert find_filesystem(Path(path), MOUNTS) == kind


def test_without_mounts_nothing_is_known() -> None:
    assert find_filesystem(Path("/data"), "") == ""


def test_this_machines_mounts_can_be_read() -> None:
    assert filesystem_of(Path("/proc/self/status")) == "proc"
    assert filesystem_of(Path("/proc/none/such")) == "proc"


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs"])
def test_a_network_disk_is_refused(kind: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        refuse_network_disk(Path("/home/ada/gateway.db"), lambda _: kind)

    assert kind in refused.value.detail
    assert "local disk" in refused.value.hint


@pytest.mark.parametrize("kind", ["", "ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay"])
def test_a_local_disk_is_fine(kind: str) -> None:
    refuse_network_disk(Path("/home/ada/gateway.db"), lambda _: kind)
