import { IMAGES, LOCATIONS, SERVER_TYPES } from './catalogue.ts';
import type { Body, FakeAction, State } from './model.ts';

/** What an action has done when it ends, by its command. */
export function finish(state: State, action: FakeAction): void {
  const { servers = {}, networks = {}, volumes = {}, floating_ips: addresses = {} } = state.objects;
  const { input, target } = action;
  const server = servers[target];
  switch (action.command) {
    case 'create_server':
      if (server !== undefined) server['status'] = 'off';
      break;
    case 'start_server':
    case 'poweron':
      if (server !== undefined) server['status'] = 'running';
      break;
    case 'poweroff':
    case 'shutdown_server':
    case 'stop_server':
      if (server !== undefined) server['status'] = 'off';
      break;
    case 'change_server_type':
      if (server !== undefined) server['server_type'] = SERVER_TYPES.find(one => one['name'] === input['server_type']);
      break;
    case 'rebuild_server':
      if (server !== undefined) server['image'] = IMAGES.find(one => one['name'] === input['image']);
      break;
    case 'delete_server':
      dropServer(state, target);
      break;
    case 'attach_to_network':
      if (server !== undefined) attach(state, server, input);
      break;
    case 'detach_from_network':
      if (server !== undefined) detach(state, server, Number(input['network']));
      break;
    case 'add_to_placement_group':
      regroup(state, target, Number(input['placement_group']));
      break;
    case 'remove_from_placement_group':
      regroup(state, target, null);
      break;
    case 'create_volume': {
      const volume = volumes[target];
      if (volume !== undefined) volume['status'] = 'available';
      break;
    }
    case 'attach_volume':
      moveVolume(state, target, Number(input['server']));
      break;
    case 'detach_volume':
      moveVolume(state, target, null);
      break;
    case 'resize_volume':
      Object.assign(volumes[target] ?? {}, { size: input['size'] });
      break;
    case 'add_subnet':
      addSubnet(networks[target], input);
      break;
    case 'delete_subnet': {
      const network = networks[target];
      if (network !== undefined)
        network['subnets'] = (network['subnets'] as Body[]).filter(one => one['ip_range'] !== input['ip_range']);
      break;
    }
    case 'assign_floating_ip':
      Object.assign(addresses[target] ?? {}, { server: input['server'] });
      break;
    case 'unassign_floating_ip':
      Object.assign(addresses[target] ?? {}, { server: null });
      break;
    default:
      balance(state, action);
  }
}

function balance(state: State, { command, input, target }: FakeAction): void {
  const balancer = state.objects['load_balancers']?.[target];
  if (balancer === undefined) return;
  const services = balancer['services'] as Body[];
  const targets = balancer['targets'] as Body[];
  const port = input['listen_port'];
  switch (command) {
    case 'change_load_balancer_type':
      balancer['load_balancer_type'] = input['type'];
      break;
    case 'change_algorithm':
      balancer['algorithm'] = { type: input['type'] };
      break;
    case 'add_service':
      services.push(input);
      break;
    case 'update_service':
      balancer['services'] = services.map(one => (one['listen_port'] === port ? input : one));
      break;
    case 'delete_service':
      balancer['services'] = services.filter(one => one['listen_port'] !== port);
      break;
    case 'add_target':
      targets.push(targetOf(input));
      break;
    case 'remove_target':
      balancer['targets'] = targets.filter(one => (one['server'] as Body)['id'] !== (input['server'] as Body)['id']);
      break;
  }
}

export function targetOf(input: Body): Body {
  return {
    type: 'server',
    server: input['server'],
    use_private_ip: input['use_private_ip'] ?? false,
    health_status: [],
  };
}

/** Everything that hangs on a server is let go. */
export function dropServer(state: State, id: number): void {
  const server = state.objects['servers']?.[id];
  if (server === undefined) return;
  for (const net of server['private_net'] as Body[]) detach(state, server, Number(net['network']));
  for (const volume of Object.values(state.objects['volumes'] ?? {}))
    if (volume['server'] === id) volume['server'] = null;
  for (const address of Object.values(state.objects['floating_ips'] ?? {}))
    if (address['server'] === id) address['server'] = null;
  for (const firewall of Object.values(state.objects['firewalls'] ?? {})) release(firewall, id);
  for (const balancer of Object.values(state.objects['load_balancers'] ?? {}))
    balancer['targets'] = (balancer['targets'] as Body[]).filter(one => (one['server'] as Body)['id'] !== id);
  regroup(state, id, null);
  delete state.objects['servers']?.[id];
}

export function release(firewall: Body, server: number): void {
  firewall['applied_to'] = (firewall['applied_to'] as Body[]).filter(one => (one['server'] as Body)['id'] !== server);
}

export function attach(state: State, server: Body, input: Body): void {
  const network = state.objects['networks']?.[Number(input['network'])];
  if (network === undefined) return;
  const subnets = network['subnets'] as Body[];
  const wanted = subnets.find(one => one['ip_range'] === input['ip_range']) ?? subnets[0];
  const start = String(wanted?.['ip_range'] ?? network['ip_range']).split('/')[0] ?? '';
  state.serial += 1;
  const ip = start.replace(/\.\d+$/, `.${2 + (state.serial % 250)}`);
  const mac = `86:00:00:00:${String(state.serial % 99).padStart(2, '0')}:01`;
  (server['private_net'] as Body[]).push({ network: network['id'], ip, alias_ips: [], mac_address: mac });
  (network['servers'] as number[]).push(Number(server['id']));
}

function detach(state: State, server: Body, id: number): void {
  server['private_net'] = (server['private_net'] as Body[]).filter(one => one['network'] !== id);
  const network = state.objects['networks']?.[id];
  if (network !== undefined) network['servers'] = (network['servers'] as number[]).filter(one => one !== server['id']);
}

export function regroup(state: State, server: number, group: number | null): void {
  const groups = state.objects['placement_groups'] ?? {};
  for (const one of Object.values(groups)) one['servers'] = (one['servers'] as number[]).filter(id => id !== server);
  const joined = group === null ? undefined : groups[group];
  if (joined !== undefined) (joined['servers'] as number[]).push(server);
  const known = state.objects['servers']?.[server];
  if (known !== undefined) known['placement_group'] = joined === undefined ? null : { ...joined };
}

export function moveVolume(state: State, id: number, to: number | null): void {
  const volume = state.objects['volumes']?.[id];
  if (volume === undefined) return;
  for (const server of Object.values(state.objects['servers'] ?? {}))
    server['volumes'] = (server['volumes'] as number[]).filter(one => one !== id);
  volume['server'] = to;
  if (to !== null) (state.objects['servers']?.[to]?.['volumes'] as number[] | undefined)?.push(id);
}

export function addSubnet(network: Body | undefined, input: Body): void {
  if (network === undefined) return;
  const range = String(input['ip_range']);
  const gateway = String(network['ip_range'])
    .split('/')[0]
    ?.replace(/\.\d+$/, '.1');
  const { type = 'cloud', network_zone } = input;
  (network['subnets'] as Body[]).push({ type, ip_range: range, network_zone, gateway, vswitch_id: null });
}

export function locationNamed(name: unknown): Body | undefined {
  return LOCATIONS.find(one => one['name'] === name || one['id'] === name);
}
