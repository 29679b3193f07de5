import type { EtcdGateway } from './gateway.ts';
import { EtcdCallError } from './gateway.ts';

/** Everything that the API server keeps in etcd. */
const registry = '/registry/';

/** The first key behind all keys with that prefix. */
const registryEnd = '/registry0';

/** The API server needs the role root beside its own: compaction is refused without it. */
const grants = [
  { user: 'root', roles: ['root'] },
  { user: 'kube-apiserver', roles: ['kube-apiserver', 'root'] },
] as const;

/**
 * Makes the users root and kube-apiserver, known by the common name of their certificates and without a password, and switches
 * authentication on. Reads before each write, so that it finishes what was left half done and does nothing when all is there.
 * @throws EtcdCallError
 */
export async function setUpAuthentication(gateway: EtcdGateway): Promise<void> {
  await ensureRoles(gateway);
  await ensureUsers(gateway);
  const { enabled } = await gateway.auth((auth) => auth.authStatus());
  if (!enabled) await gateway.auth((auth) => auth.authEnable());
}

export async function authenticationState(gateway: EtcdGateway): Promise<'enabled' | 'disabled' | 'unknown'> {
  try {
    const { enabled } = await gateway.auth((auth) => auth.authStatus());
    return enabled ? 'enabled' : 'disabled';
  } catch (error) {
    if (error instanceof EtcdCallError) return 'unknown';
    throw error;
  }
}

async function ensureRoles(gateway: EtcdGateway): Promise<void> {
  const { roles } = await gateway.auth((auth) => auth.roleList());
  for (const name of ['root', 'kube-apiserver'])
    if (!roles.includes(name)) await gateway.auth((auth) => auth.roleAdd({ name }));
  const { perm } = await gateway.auth((auth) => auth.roleGet({ role: 'kube-apiserver' }));
  const granted = perm.some(
    ({ permType, key, range_end }) =>
      permType === 'Readwrite' && key.toString() === registry && range_end.toString() === registryEnd,
  );
  if (granted) return;
  await gateway.auth((auth) =>
    auth.roleGrantPermission({
      name: 'kube-apiserver',
      perm: { permType: 'Readwrite', key: Buffer.from(registry), range_end: Buffer.from(registryEnd) },
    }),
  );
}

async function ensureUsers(gateway: EtcdGateway): Promise<void> {
  const { users } = await gateway.auth((auth) => auth.userList());
  for (const { user, roles } of grants) {
    if (!users.includes(user))
      await gateway.auth((auth) => auth.userAdd({ name: user, options: { no_password: true } }));
    const { roles: present } = await gateway.auth((auth) => auth.userGet({ name: user }));
    for (const role of roles)
      if (!present.includes(role)) await gateway.auth((auth) => auth.userGrantRole({ user, role }));
  }
}
