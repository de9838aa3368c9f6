// What needs no scope although its field requires one: what the outcome of a deletion or restore makes certain of its video,
// and the caller's own operations. Fields that are certain in every outcome have no @requiresScopes at all.

/** Whether a field has a value that needs no scope: a removed video has no assets, and an operation belongs to the caller. */
export function isCertain(
  typeName: string,
  fieldName: string,
  source: unknown,
  args: Readonly<Record<string, unknown>>,
): boolean {
  if (canBeCertain(typeName, fieldName)) return isRemoved(source);
  return typeName === 'Query' && (fieldName === 'node' || fieldName === 'nodes') && namesOperations(args);
}

/** Whether a field needs no scope for some of its objects. */
export function canBeCertain(typeName: string, fieldName: string): boolean {
  return typeName === 'Video' && fieldName === 'assets';
}

function isRemoved(source: unknown): boolean {
  return typeof source === 'object' && source !== null && 'removed' in source && source.removed === true;
}

/** Whether all ids are those of operations: `op_` begins no id of a video. */
function namesOperations({ id, ids }: Readonly<Record<string, unknown>>): boolean {
  const named: readonly unknown[] = Array.isArray(ids) ? ids : [id];
  return named.length > 0 && named.every((one) => typeof one === 'string' && one.startsWith('op_'));
}
