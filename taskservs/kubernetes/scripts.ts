/** Constant scripts; every value comes as a word. */

/** Begins a cluster or joins one (`$1`) by the file `$2`. kubeadm starts the kubelet itself, so that this one may start from here on. */
export const MEMBERSHIP = String.raw`
set -eu
systemctl unmask --runtime -- kubelet.service
exec kubeadm "$1" --config="$2"
`;

/** Moves a control plane or a worker that runs another version to `$1`; `$2` says whether it leads. A node that is not in a cluster yet is left alone. */
export const UPGRADE = String.raw`
set -eu
if [ ! -e /etc/kubernetes/kubelet.conf ]; then exit 0; fi
if [ "$2" = leads ]; then exec kubeadm upgrade apply --yes "v$1"; fi
exec kubeadm upgrade node
`;

/** True where the node is in no cluster yet, or its control plane runs version `$1`. A worker has nothing but packages to upgrade. */
export const IS_UPGRADED = String.raw`
set -eu
[ -e /etc/kubernetes/kubelet.conf ] || exit 0
manifest=/etc/kubernetes/manifests/kube-apiserver.yaml
if [ -e "$manifest" ]; then exec grep -qF ":v$1" "$manifest"; fi
`;
