# shellcheck shell=bash
# Builds a kubelet from the distribution's source package (there is no binary package), for the scenes of tests/managers.
# Sourced, never run.

# lab_kubelet FILE: makes FILE, unless it exists. Takes some 15 minutes of CPU.
lab_kubelet() {
  [ ! -x "$1" ] || return 0
  say "building a kubelet (once)"
  apt_install golang-go dpkg-dev
  local work sources
  work=$(mktemp -d "${TMPDIR:-/tmp}/stapkill-kubelet.XXXXXX")
  mkdir -p "$work/lists/partial" "$work/sources" "$work/go/src/k8s.io"
  # The machine's archives, with their source packages.
  for sources in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ ! -e "$sources" ] || sed -n 's/^deb /deb-src /p' "$sources" >>"$work/sources/all.list"
  done
  for sources in /etc/apt/sources.list.d/*.sources; do
    [ ! -e "$sources" ] || sed 's/^Types: .*/Types: deb-src/' "$sources" >"$work/sources/${sources##*/}"
  done
  local options=(-qq -o "Dir::Etc::sourceparts=$work/sources" -o Dir::Etc::sourcelist=/dev/null -o "Dir::State::lists=$work/lists")
  (
    cd "$work"
    apt-get "${options[@]}" update || true  # an archive without sources is no obstacle
    apt-get "${options[@]}" source --only-source kubernetes
    mv kubernetes-*/ go/src/k8s.io/kubernetes
    cd go/src/k8s.io/kubernetes
    GOPATH=$work/go GO111MODULE=off GOFLAGS='' CGO_ENABLED=0 GOCACHE=$work/cache go build -o "$work/kubelet" ./cmd/kubelet
  ) >&2 || die "the kubelet could not be built"
  mv "$work/kubelet" "$1"
  chmod -R u+w "$work"
  rm -rf "$work"
}
