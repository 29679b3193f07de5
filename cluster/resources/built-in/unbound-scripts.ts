import { unboundPaths as paths } from './unbound-conf.ts';

/** Name of the environment variable with the address of the pod's node. */
export const nodeAddressVariable = 'NODE_ADDRESS';

/**
 * Starts Unbound on its node's own address: what listens on other ones, such as a resolver of the distribution's on 127.0.0.53, is left
 * alone. Where the declaration has no upstreams the node's own are asked, but those that would be this very cache; with none of
 * them Unbound asks the root servers.
 */
export const startUnbound = `own=$${nodeAddressVariable}
printf 'server:\\n  interface: %s\\n  access-control: %s allow\\n' "$own" "$own" >${paths.own}
upstreams=
while read -r key address rest; do
  [ "$key" = nameserver ] || continue
  case $address in 127.*|::1|"$own") ;; *) upstreams="$upstreams  forward-addr: $address
" ;; esac
done </etc/resolv.conf
: >${paths.nodeUpstreams}
[ -z "$upstreams" ] || printf 'forward-zone:\\n  name: "."\\n%s' "$upstreams" >${paths.nodeUpstreams}
cat ${paths.wanted} >${paths.running}
exec unbound -d -p -c ${paths.running}
`;

/**
 * Has Unbound take up what has changed in its ConfigMap, without a restart of the pod and with its cache where the release can
 * keep it. A configuration that it would not start with is not taken up.
 */
export const reloadUnbound = `control() { unbound-control -q -c ${paths.running} "$@"; }
while sleep 2; do
  [ -e ${paths.running} ] && [ "$(cat ${paths.wanted})" = "$(cat ${paths.running})" ] && continue
  unbound-checkconf ${paths.wanted} >/dev/null || continue
  cat ${paths.wanted} >${paths.running}
  if control reload_keep_cache || control reload; then echo 'took up the new configuration'; else rm -f ${paths.running}; fi
done
`;
