import pytest

from facsimile.media.links import inside


@pytest.fixture
def root(tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret.jpg").write_text("x")
    (tmp_path / "root/deep").mkdir(parents=True)
    (tmp_path / "root/deep/own.jpg").write_text("x")
    return tmp_path / "root"


def test_a_file_of_the_folder_and_the_folder_itself(root):
    assert inside(root / "deep/own.jpg", root) and inside(root, root)
    assert inside(root / "deep/../deep/own.jpg", root)
    assert inside(root / "photos.zip/a/b.jpg", root)
    assert not inside(root.parent / "rooted", root)


@pytest.mark.parametrize("target", ["../outside/secret.jpg", "/etc/passwd", "../outside/none"])
def test_a_link_out_of_the_folder(root, target):
    (root / "link.jpg").symlink_to(target)
    assert not inside(root / "link.jpg", root)


def test_a_linked_folder_and_a_link_within(root):
    (root / "out").symlink_to(root.parent / "outside")
    (root / "own.jpg").symlink_to("deep/own.jpg")
    assert not inside(root / "out/secret.jpg", root)
    assert inside(root / "own.jpg", root)


def test_a_root_that_is_a_link(root, tmp_path):
    (tmp_path / "alias").symlink_to(root)
    assert inside(tmp_path / "alias/deep/own.jpg", tmp_path / "alias")


def test_links_in_a_circle(root):
    (root / "a").symlink_to("b")
    (root / "b").symlink_to("a")
    assert not inside(root / "a", root)
