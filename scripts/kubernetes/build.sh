#!/usr/bin/env bash
# Builds the programs of a control plane from the Go modules of Kubernetes: scripts/kubernetes/build.sh VERSION FOLDER.
# It takes a quarter of an hour on two processors and 3 GB; nothing of it is kept in this repository.
set -euo pipefail
version=$1 folder=$(realpath -m "$2")
export GOFLAGS=-mod=mod CGO_ENABLED=0
mkdir -p "$folder/bin"
cd "$folder"
[ -e go.mod ] || go mod init fetched 2>/dev/null
source=$(go mod download -json "k8s.io/kubernetes@v$version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
rm -rf source
cp -r "$source" source
chmod -R u+w source
cd source
# The libraries of Kubernetes are modules of their own, under the version 0.x of the same release.
rm -rf vendor go.work go.work.sum
sed -i "s#=> ./staging/src/\(k8s.io/[a-z0-9-]*\)#=> \1 v0.${version#1.}#" go.mod
flags='-s -w'
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
  flags+=" -X $package.gitVersion=v$version -X $package.gitMajor=1 -X $package.gitMinor=$(cut -d. -f2 <<<"$version")"
done
for program in kubeadm kubectl kube-apiserver kube-controller-manager kube-scheduler; do
  go build -trimpath -ldflags "$flags" -o "$folder/bin/$program" "./cmd/$program"
done
etcd=$(sed -n 's/.*DefaultEtcdVersion = "\([0-9.]*\)-.*/\1/p' cmd/kubeadm/app/constants/constants.go)
mkdir -p "$folder/etcd"
cd "$folder/etcd"
[ -e go.mod ] || go mod init etcd 2>/dev/null
printf 'package main\n\nimport (\n\t"os"\n\n\t"go.etcd.io/etcd/server/v3/etcdmain"\n)\n\nfunc main() { etcdmain.Main(os.Args) }\n' > main.go
go get "go.etcd.io/etcd/server/v3@v$etcd"
go build -trimpath -ldflags '-s -w' -o "$folder/bin/etcd" .
ls "$folder/bin"
