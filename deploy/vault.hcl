# Vault of the manager: one server with integrated storage, TLS with the manager's own CA.
ui            = false
disable_mlock = true
api_addr      = "https://vault:8200"
cluster_addr  = "https://vault:8201"

storage "raft" {
  path    = "/vault/file"
  node_id = "manager"
}

listener "tcp" {
  address         = "0.0.0.0:8200"
  tls_cert_file   = "/tls/server.crt"
  tls_key_file    = "/tls/server.key"
  tls_min_version = "tls12"
}
