import { z, type ZodType } from 'zod';
import type { HostItem, HostPlace, Parameters, ServicePort, TaskService } from '../../schemas/taskserv.ts';

/** A task service whose functions get their fields checked and completed with defaults. */
export interface ServiceDescription<Shape extends ZodType>
  extends Omit<TaskService, 'parameters' | 'ports' | 'endpoint' | 'want'> {
  /** Strict shape of its fields besides `version` and `server`. */
  readonly fields: () => Shape;
  readonly ports: (fields: z.output<Shape>) => readonly ServicePort[];
  readonly endpoint: (fields: z.output<Shape>, place: HostPlace) => string | null;
  /** `version` is what the user asked for, as written. */
  readonly want: (fields: z.output<Shape>, place: HostPlace, version: string | undefined) => readonly HostItem[];
}

/**
 * Makes the task service of a description. The shape is made once, when it is first asked for. Parameters that do not fit
 * it (a stand-in for a number that is known only after apply) throw the `ZodError` of the shape.
 */
export function service<Shape extends ZodType>(description: ServiceDescription<Shape>): TaskService {
  const { fields, ports, endpoint, want, ...rest } = description;
  let shape: Shape | undefined;
  const parameters = (): Shape => (shape ??= fields());
  const read = (given: Parameters): z.output<Shape> => {
    const { server: _server, ...own } = given;
    return parameters().parse(ownFields(parameters(), own));
  };
  return {
    ...rest,
    parameters,
    ports: given => ports(read(given)),
    endpoint: (given, place) => endpoint(read(given), place),
    want: (given, place) => want(read(given), place, versionOf(given)),
  };
}

/** The fields that a shape judges: `version` only where it has an idea of its own about it, such as that it must be there. */
export function ownFields(shape: ZodType, given: Parameters): Parameters {
  const { version: _version, ...rest } = given;
  return shape instanceof z.ZodObject && 'version' in shape.shape ? given : rest;
}

function versionOf({ version }: Parameters): string | undefined {
  return typeof version === 'string' ? version : undefined;
}
