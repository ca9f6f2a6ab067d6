/** Who begins or joins, for kubeadm. */
export const CONFIG = '/etc/kubernetes/kubeadm.yaml';
/** What a joining node believes. */
export const DISCOVERY = '/etc/kubernetes/discovery.yaml';
/** How secrets are kept in etcd. */
export const ENCRYPTION = '/etc/kubernetes/encryption.yaml';
/** What the API server writes down. */
export const AUDIT = '/etc/kubernetes/audit-policy.yaml';
/** Certificates and keys of the cluster. */
export const PKI = '/etc/kubernetes/pki';
