import type { NodeConnection } from './connection.ts';
import { nodeError } from './node-errors.ts';

/** What opens a server for our user. Throws CkeError as a login does, and NodeAuthentication where the file can't be changed. */
export interface AuthorizedKeys {
  /** Adds a public key line unless its key is there. */
  add(publicKey: string): Promise<void>;
  /** Takes every line with this key out. */
  remove(publicKey: string): Promise<void>;
  /** Whether sshd lets somebody with this private key in: by a login of its own. */
  tryKey(privateKey: string): Promise<'opens' | 'is refused'>;
}

/**
 * A fixed text for `sh -c`, with verb, file and key line as its arguments. It takes no line of anybody else's away, and never leaves a file
 * without any. Where the directory is not ours to write to, the file is rewritten in its place.
 */
const script = `exec 2>&1
verb=$1 file=$2 line=$3
case "$file" in /*) ;; *) file=$HOME/$file ;; esac
key=$(echo "$line" | cut -d " " -f 1,2)
if [ "$verb" = add ]; then
  umask 077
  mkdir -p "\${file%/*}" && touch "$file" || exit 1
  grep -qF "$key" "$file" && { echo done; exit; }
  [ -z "$(tail -c 1 "$file")" ] || echo >>"$file"
  echo "$line" >>"$file" && echo done
  exit
fi
file=$(readlink -f "$file")
grep -qF "$key" "$file" || { echo done; exit; }
rest=$(grep -vF "$key" "$file")
[ -n "$rest" ] || { echo "no other key would be left"; exit 1; }
if [ -w "\${file%/*}" ] && cp -p "$file" "$file.cke~"; then
  echo "$rest" >"$file.cke~" && mv "$file.cke~" "$file" && echo done
else
  echo "$rest" >"$file" && echo done
fi`;

/** What goes between single quotes of a shell: nothing that ends them. */
const plain = /^[A-Za-z0-9+/=@%_. -]+$/;

/** The command that a login shell is given. Throws TypeError for a file or key that has no business there. */
export function authorizedKeysCommand(verb: 'add' | 'remove', { file, line }: { file: string; line: string }): string {
  if (![file, line].every((text) => plain.test(text))) throw new TypeError('not a path or a public key line');
  return `sh -c '${script}' sh ${verb} '${file}' '${line}'`;
}

interface Access {
  connection: NodeConnection;
  /** A connection of its own, with another private key; closed after use. */
  withKey: (privateKey: string) => NodeConnection;
  /** Path of the file, absolute or below the user's home. */
  file: string;
}

export function authorizedKeys({ connection, withKey, file }: Access): AuthorizedKeys {
  const change = async (verb: 'add' | 'remove', line: string) => {
    const said = await connection.run(authorizedKeysCommand(verb, { file, line }));
    if (said.trim() === 'done') return;
    const { target } = connection;
    throw nodeError(target, {
      code: 'NodeAuthentication',
      sentence: `the keys in ${file} could not be changed`,
      got: said,
      want: `a file that ${target.user} may write, and that sshd reads`,
      fix: 'name the one that sshd reads as ssh.authorized_keys_file of the declaration',
      remedy: 'never',
    });
  };
  return {
    add: (publicKey) => change('add', publicKey),
    remove: (publicKey) => change('remove', publicKey),
    async tryKey(privateKey) {
      const trial = withKey(privateKey);
      try {
        await trial.run('true');
        return 'opens';
      } catch (error) {
        if (error instanceof Error && error.name === 'NodeAuthentication') return 'is refused';
        throw error;
      } finally {
        trial.close();
      }
    },
  };
}
