import { demandHarmless, type EtcdUser } from '../../cluster/etcd/user.ts';
import type { EtcdGateway } from './gateway.ts';

/**
 * Makes a user without a password, known by the common name of a certificate, and a role that may read and write the keys below the prefix.
 * Reads before each write: repeated it finishes what was left half done, and another prefix is added to the role.
 * @throws EtcdCallError, and CkeError InvalidRequest for what would open more than its own
 */
export async function ensureEtcdUser(gateway: EtcdGateway, wanted: EtcdUser): Promise<void> {
  demandHarmless(wanted);
  const { user, role, prefix } = wanted;
  const { roles } = await gateway.auth((auth) => auth.roleList());
  if (!roles.includes(role)) await gateway.auth((auth) => auth.roleAdd({ name: role }));
  const { perm } = await gateway.auth((auth) => auth.roleGet({ role }));
  const end = endOf(prefix);
  const granted = perm.some(
    ({ permType, key, range_end }) => permType === 'Readwrite' && key.toString() === prefix && range_end.equals(end),
  );
  if (!granted)
    await gateway.auth((auth) =>
      auth.roleGrantPermission({
        name: role,
        perm: { permType: 'Readwrite', key: Buffer.from(prefix), range_end: end },
      }),
    );
  const { users } = await gateway.auth((auth) => auth.userList());
  if (!users.includes(user)) await gateway.auth((auth) => auth.userAdd({ name: user, options: { no_password: true } }));
  const { roles: present } = await gateway.auth((auth) => auth.userGet({ name: user }));
  if (!present.includes(role)) await gateway.auth((auth) => auth.userGrantRole({ user, role }));
}

/** The first key behind all with this prefix: its last byte, one higher. UTF-8 has no byte 255. */
function endOf(prefix: string): Buffer {
  const end = Buffer.from(prefix);
  end[end.length - 1] = (end[end.length - 1] ?? 0) + 1;
  return end;
}
