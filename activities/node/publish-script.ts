/** Where the file container sees the node's directories. */
export const hostPrefix = '/host';

/** Roots of file sets whose public paths are links into the published generation. */
const linkedRoots = ['/etc/kubernetes', '/etc/etcd', '/etc/rivers'];

/**
 * Where files are copied out of the published generation, one rename each: the container runtime watches this directory, and takes no
 * notice of what changes behind a link.
 */
export const copiedRoot = '/etc/cni/net.d';

export const setRoots = [...linkedRoots, copiedRoot];

/** What the last check found: lines of `set<TAB>path<TAB>what`; in the container's own file system. */
export const damageFile = '/cke/damage';

/** What the script exits with when all went well, and installed files are not as they were installed. */
export const damagedCode = 3;

/** Lines of `verb<TAB>path<TAB>path` that the script carries out once; in the container's own file system. */
export const operationsFile = '/cke/operations';

/**
 * What the file container runs: first the operations, then every pending generation. A fixed text: nothing of a declaration is in it.
 *
 * A generation lies below ROOT/.sets/SET and has beside its files `.sums` (checksums of them all: an upload that was cut off or lost
 * with the power is never published) and `.paths` (the public path and the link to it, one a line). It is published by one rename
 * of the symlink `..data`, after it is on disk. The current generation and the one before it stay, older ones go. The files of the
 * old one are touched: programs that watch their certificates look at the file behind the links, which would never change.
 *
 * What a newer operation of the same cluster has published (`.epoch`: its name and number) is neither replaced nor withdrawn.
 *
 * Asked for a check it publishes nothing; otherwise it checks when nobody has for ten minutes. A check compares what is published with its checksums, its modes and owners (`.modes`) and its links.
 */
export const publishScript = `set -u
failed=0
checking=no
mkdir -p ${damageFile.slice(0, damageFile.lastIndexOf('/'))}
fail() { echo "$*"; failed=1; }

operate() {
  case "$2$3" in *..*) fail "refused: $*"; return ;; esac
  case "$1" in
    rename)
      if [ ! -e "$2" ] && [ -e "$3" ]; then return; fi
      if [ -e "$3" ]; then fail "$3 exists"; return; fi
      mkdir -p "\${3%/*}" && mv -T "$2" "$3" && sync "\${2%/*}" "\${3%/*}" || fail "$2 could not be renamed" ;;
    withdraw-sets) withdraw_sets "$2" "$3" && rm -f ${damageFile} ;;
    check) checking=yes ;;
    remove-tree) rm -rf "$2" || fail "$2 could not be removed" ;;
    *) fail "unknown operation $1" ;;
  esac
}

link() {
  [ "$1" -ef "$2" ] && [ -L "$1" ] && return
  mkdir -p "\${1%/*}" && ln -sfn "$3" "$1.next~" && mv -T "$1.next~" "$1" || fail "$1 could not be linked"
}

withdraw() {
  case "$1" in ${hostPrefix}${copiedRoot}/*) rm -f "$1"; return ;; esac
  if [ "$(readlink "$1")" = "$2" ]; then rm -f "$1"; fi
}

outdated() {
  [ -f "$1/..data/.epoch" ] || return 1
  read -r cluster epoch <"$1/..data/.epoch"
  [ "$cluster" = "\${2% *}" ] && [ "$epoch" -gt "\${2#* }" ]
}

withdraw_sets() {
  for set in "$1"/.sets/*; do
    [ -d "$set" ] || continue
    if outdated "$set" "$2"; then fail "$set is that of a newer operation"; continue; fi
    if [ -f "$set/..data/.paths" ]; then
      while read -r path target; do withdraw "$1/$path" "$target"; done <"$set/..data/.paths"
    fi
    rm -rf "$set" || fail "$set could not be removed"
  done
  find "$1" -mindepth 1 -type d -empty -delete
}

copy() {
  temporary="\${1%/*}/.\${1##*/}.next~"
  cp -p "$2" "$temporary" && mv -T "$temporary" "$1" || fail "$1 could not be copied"
}

publish() {
  root=$1 set=$2
  next=$(cat "$set/..pending")
  previous=$(readlink "$set/..data")
  case "$next" in ..gen-*/* | ..gen-) fail "$set: $next is no generation"; return ;; ..gen-*) ;; *) fail "$set: $next is no generation"; return ;; esac
  if ! (cd "$set/$next" && sha256sum -c .sums) >/dev/null 2>&1; then fail "$set/$next is damaged"; return; fi
  if outdated "$set" "$(cat "$set/$next/.epoch")"; then
    rm -rf "$set/..pending" "$set/$next"
    fail "$set is that of a newer operation"
    return
  fi
  find "$set/$next" -exec sync {} + || sync
  if ! { ln -sfn "$next" "$set/..data.next" && mv -T "$set/..data.next" "$set/..data"; }; then fail "$set could not be switched"; return; fi
  while read -r path target; do
    case "$root" in
      ${hostPrefix}${copiedRoot}) copy "$root/$path" "$set/$next/$path" ;;
      *) link "$root/$path" "$set/$next/$path" "$target" ;;
    esac
  done <"$set/$next/.paths"
  if [ -n "$previous" ] && [ -f "$set/$previous/.paths" ]; then
    while read -r path target; do
      [ -e "$set/$next/$path" ] || withdraw "$root/$path" "$target"
    done <"$set/$previous/.paths"
  fi
  sync "$set" "$root"
  rm -f "$set/..pending"
  [ -z "$previous" ] || find "$set/$previous" -type f -exec touch -c {} +
  forget "\${set##*/}"
  for old in "$set"/..gen-*; do
    name=\${old##*/}
    [ "$name" = "$next" ] || [ "$name" = "$previous" ] || rm -rf "$old"
  done
}

forget() {
  [ -s ${damageFile} ] || return
  grep -v "^$1\t" ${damageFile} >${damageFile}.next
  mv ${damageFile}.next ${damageFile}
}

check() {
  root=$1 set=$2 name=\${2##*/}
  cd "$set/..data" || return
  LC_ALL=C sha256sum -c .sums 2>/dev/null | while IFS= read -r line; do
    case "$line" in *': FAILED'*) printf '%s\\t%s\\tcontent\\n' "$name" "\${line%: FAILED*}" ;; esac
  done
  [ ! -f .modes ] || stat -c '%a %u:%g %n' $(cut -d' ' -f3 .modes) 2>/dev/null | grep -vxF -f .modes | while read -r mode owner path; do
    printf '%s\\t%s\\tmode %s, owner %s\\n' "$name" "$path" "$mode" "$owner"
  done
  while read -r path target; do
    [ -L "$root/$path" ] && [ "$root/$path" -ef "$set/..data/$path" ] || printf '%s\\t%s\\tlink\\n' "$name" "$path"
  done <.paths
}

if [ -f ${operationsFile} ]; then
  while IFS='\t' read -r verb from to; do operate "$verb" "$from" "$to"; done <${operationsFile}
  rm -f ${operationsFile}
fi
for root in ${setRoots.map((root) => hostPrefix + root).join(' ')}; do
  for set in "$root"/.sets/*; do
    if [ $checking = no ] && [ -f "$set/..pending" ]; then publish "$root" "$set"; fi
  done
done
if [ $checking = yes ] || [ -z "$(find ${damageFile} -mmin -10 2>/dev/null)" ]; then
  for root in ${linkedRoots.map((root) => hostPrefix + root).join(' ')}; do
    for set in "$root"/.sets/*; do
      if [ -f "$set/..data/.paths" ]; then check "$root" "$set"; fi
    done
  done >${damageFile}.next
  mv ${damageFile}.next ${damageFile}
fi
if [ $failed = 0 ] && [ -s ${damageFile} ]; then exit ${damagedCode}; fi
exit $failed
`;
