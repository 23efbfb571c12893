#!/bin/sh
# Unpacks Debian's headless Chromium, and the libraries of it that this machine does not have, into a folder, for the test
# that opens a page. Nothing is installed. Prints the path of a program for TEST_CHROMIUM; fails where there is no apt-get.
#
#   TEST_CHROMIUM=$(sh scripts/fetch-chromium.sh /tmp/chromium) npx vitest run --project dialects web-browser
set -eu
folder=$(mkdir -p "$1" && cd "$1" && pwd)
command -v apt-get >/dev/null && command -v dpkg >/dev/null

# The browser, and what it needs that is not installed.
wanted() {
  apt-get install --simulate --no-install-recommends chromium-headless-shell 2>/dev/null |
    sed -n 's/^Inst \([^ ]*\) .*/\1/p' | grep .
}
packages=$(wanted) || {
  # Containers come without lists of packages, which only root may fetch.
  apt-get update >&2
  packages=$(wanted)
}

mkdir -p "$folder/packages" "$folder/root"
cd "$folder/packages"
# Lists that are older than the last security update name what is not there any more.
apt-get download $packages >&2 || {
  apt-get update >&2
  apt-get download $(wanted) >&2
}
for package in ./*.deb; do dpkg -x "$package" "$folder/root"; done
rm -r "$folder/packages"

libraries=$(find "$folder/root" -name '*.so*' -exec dirname {} \; | sort -u | tr '\n' ':')
cat >"$folder/chromium" <<END
#!/bin/sh
LD_LIBRARY_PATH='$libraries' exec '$folder/root/usr/lib/chromium/chromium-headless-shell' "\$@"
END
chmod +x "$folder/chromium"
echo "$folder/chromium"
