#!/bin/sh
# Makes the manager's own CA and the certificates of its etcd, its Vault and its clients, each into the directory that only
# its owner mounts. Runs at each start: what is valid for another 30 days is left alone.
set -eu
umask 077

ca=/out/ca
days=730
month=2592000

make_authority() {
  [ -s "$ca/ca.key" ] && return
  openssl ecparam -name prime256v1 -genkey -noout -out "$ca/ca.key"
  openssl req -x509 -new -sha256 -key "$ca/ca.key" -days 3650 -subj "/CN=cke manager" -out "$ca/ca.crt" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
}

# issue DIRECTORY NAME OWNER SUBJECT-ALTERNATIVE-NAMES
issue() {
  directory=$1 name=$2 owner=$3 names=$4
  if ! openssl x509 -checkend $month -noout -in "$directory/$name.crt" >/dev/null 2>&1; then
    work=$(mktemp -d)
    openssl ecparam -name prime256v1 -genkey -noout -out "$work/$name.key"
    openssl req -new -sha256 -key "$work/$name.key" -subj "/CN=$name" -out "$work/request"
    printf '%s\n' 'basicConstraints=critical,CA:FALSE' 'keyUsage=critical,digitalSignature' \
      'extendedKeyUsage=serverAuth,clientAuth' "subjectAltName=$names" > "$work/extensions"
    openssl x509 -req -sha256 -in "$work/request" -CA "$ca/ca.crt" -CAkey "$ca/ca.key" -CAcreateserial \
      -days $days -extfile "$work/extensions" -out "$work/$name.crt"
    cp "$work/$name.key" "$work/$name.crt" "$directory/"
    rm -r "$work"
  fi
  cp "$ca/ca.crt" "$directory/ca.crt"
  chmod 0755 "$directory"
  chmod 0644 "$directory/ca.crt" "$directory/$name.crt"
  chmod 0400 "$directory/$name.key"
  chown "$owner" "$directory/$name.key"
}

make_authority
issue /out/etcd server 0 DNS:etcd,DNS:localhost,IP:127.0.0.1
# 100 is the user vault of the official image.
issue /out/vault server 100 DNS:vault,DNS:localhost,IP:127.0.0.1
issue /out/manager client "$CKE_UID" DNS:manager
for directory in /out/credentials /out/snapshots; do
  chown "$CKE_UID" "$directory"
  chmod 0700 "$directory"
done
echo "certificates are ready"
