"""The official Python client against the address in its first argument. Prints what it saw, one fact a line."""

import sys

from hcloud import APIException, Client
from hcloud.images.domain import Image
from hcloud.locations.domain import Location
from hcloud.networks.domain import NetworkSubnet
from hcloud.firewalls.domain import FirewallRule
from hcloud.server_types.domain import ServerType

client = Client(token="token", api_endpoint=sys.argv[1], poll_interval=0.05)
network = client.networks.create(name="net", ip_range="10.0.0.0/16")
network.add_subnet(NetworkSubnet(type="cloud", ip_range="10.0.1.0/24", network_zone="eu-central")).wait_until_finished()
rule = FirewallRule(direction="in", protocol="tcp", port="22", source_ips=["0.0.0.0/0", "::/0"])
firewall = client.firewalls.create(name="wall", rules=[rule], labels={"team": "blue"}).firewall
made = client.servers.create(
    name="web",
    server_type=ServerType("cx23"),
    image=Image(name="debian-12"),
    location=Location("fsn1"),
    networks=[network],
    firewalls=[firewall],
    labels={"team": "blue"},
)
made.action.wait_until_finished()
for action in made.next_actions:
    action.wait_until_finished()
volume = client.volumes.create(size=10, name="data", server=made.server, format="ext4")
volume.action.wait_until_finished()
for action in volume.next_actions:
    action.wait_until_finished()

server = client.servers.get_by_name("web")
print("server", server.status, server.server_type.name, server.private_net[0].ip, server.labels)
print("volume", client.volumes.get_by_name("data").server.id == server.id)
print("selected", [one.name for one in client.servers.get_all(label_selector="team==blue")])
print("none", [one.name for one in client.servers.get_all(label_selector="team==red")])
for name, attempt in {
    "taken": lambda: client.networks.create(name="net", ip_range="10.0.0.0/16"),
    "in use": lambda: firewall.delete(),
    "attached": lambda: volume.volume.delete(),
    "running": lambda: server.change_type(ServerType("cx33"), upgrade_disk=False),
}.items():
    try:
        attempt()
        print(name, "was let pass")
    except APIException as error:
        print(name, error.code)
server.delete().wait_until_finished()
volume.volume.delete()
firewall.delete()
network.delete()
print("left", len(client.servers.get_all()), len(client.networks.get_all()), len(client.volumes.get_all()))
