import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const header = 12;
const typeAndClass = 4;

/** A resolver that answers every question for an IPv4 address with `answer`, and that there is nothing else. */
export async function startUpstream(address: string, answer: string): Promise<() => Promise<void>> {
  const socket = createSocket('udp4');
  socket.on('message', (question, { port, address: from }) => socket.send(reply(question, answer), port, from));
  socket.bind(53, address);
  await once(socket, 'listening');
  return async () => {
    socket.close();
    await once(socket, 'close');
  };
}

/** The question again, with one answer to it, or none (RFC 1035 §4.1). */
function reply(message: Buffer, answer: string): Buffer {
  const end = message.indexOf(0, header) + 1 + typeAndClass;
  const isAddress = message.readUInt16BE(end - typeAndClass) === 1;
  const head = Buffer.from(message.subarray(0, header));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(isAddress ? 1 : 0, 6);
  head.writeUInt32BE(0, 8);
  const record = Buffer.from([0xc0, header, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, ...answer.split('.').map(Number)]);
  return Buffer.concat([head, message.subarray(header, end), ...(isAddress ? [record] : [])]);
}
