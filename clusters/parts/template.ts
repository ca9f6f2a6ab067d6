import type { output, ZodObject } from 'zod';
import type { ClusterTemplate, TemplatePlace, TemplateResource } from '../../schemas/cluster.ts';
import type { Name } from '../../schemas/name.ts';

/** A template whose functions get its fields in their own type. */
export interface TemplateDescription<Shape extends ZodObject> {
  readonly name: Name;
  readonly summary: string;
  /** A file under clusters/ that works once its secrets and keys are there. */
  readonly example: string;
  /** Strict. Every field has a description. */
  readonly fields: () => Shape;
  resources(fields: output<Shape>, place: TemplatePlace): readonly TemplateResource[];
  outputs(fields: output<Shape>, place: TemplatePlace): { readonly [output: string]: string };
}

/** Makes the template of a description. The shape is made once, when it is first asked for. */
export function template<Shape extends ZodObject>(description: TemplateDescription<Shape>): ClusterTemplate {
  const { name, summary, example, fields } = description;
  let shape: Shape | undefined;
  return {
    name,
    summary,
    example,
    spec: () => (shape ??= fields()),
    // The loader calls both with what the shape gave it.
    resources: (spec, place) => description.resources(spec as output<Shape>, place),
    outputs: (spec, place) => description.outputs(spec as output<Shape>, place),
  };
}
