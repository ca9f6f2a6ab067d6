/** Fields that every resource may have beside those of its kind. */
export const META_FIELDS: readonly string[] = ['provider', 'count', 'forEach', 'needs', 'protect', 'replace', 'adopt'];

/** Those of them that a file of defaults may set. */
export const LAYER_FIELDS: readonly string[] = ['provider', 'protect', 'replace'];

/** Those that a task service on a server may have beside its parameters. */
export const TASKSERV_FIELDS: readonly string[] = ['needs', 'protect'];

/** Fields that a cluster may have beside those of its template. */
export const CLUSTER_FIELDS: readonly string[] = ['provider', 'protect'];

/** Top-level keys of a file under infra/ that are not kinds. */
export const SECTIONS: readonly string[] = ['moved', 'forget'];
