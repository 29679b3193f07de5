import { connect } from 'node:tls';
import type { CertificateKind } from '../cluster/certificates/certificate.ts';
import type { Component } from '../cluster/components/component.ts';
import { ports } from '../cluster/components/endpoint.ts';

const handshakeMilliseconds = 3_000;

/** Where components serve with a certificate that they take up while they run. */
export const served: Partial<Record<Component, { kind: CertificateKind; port: number }[]>> = {
  etcd: [
    { kind: 'etcd-server', port: ports.etcdClient },
    { kind: 'etcd-peer', port: ports.etcdPeer },
  ],
  'kube-apiserver': [{ kind: 'apiserver', port: ports.apiServer }],
};

/**
 * The serial number of the certificate that a server presents in a new handshake, in the spelling of `bareSerial`. Whether it can be
 * trusted is not asked: it is only compared. Throws what the connection fails with.
 */
export function servedSerial({ address, port }: { address: string; port: number }): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: address,
      port,
      rejectUnauthorized: false,
      timeout: handshakeMilliseconds,
      // Before TLS 1.3 a server that wants a client's certificate ends the handshake without one.
      minVersion: 'TLSv1.3',
    });
    socket.on('secureConnect', () => {
      resolve(bareSerial(socket.getPeerCertificate().serialNumber));
      socket.destroy();
    });
    socket.on('timeout', () => socket.destroy(new Error('no answer in time')));
    socket.on('error', reject);
  });
}

/** A serial number without colons and leading zeros, in lower case. */
export function bareSerial(serial: string): string {
  return serial.replaceAll(':', '').toLowerCase().replace(/^0+/u, '');
}
