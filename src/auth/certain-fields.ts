// What the outcome of a deletion or restore makes certain of its video, although the field requires a scope. Fields that are
// certain in every outcome have no @requiresScopes at all.

/** Whether a field has a value that the state of its video alone decides: a removed video has no assets. */
export function isCertain(typeName: string, fieldName: string, source: unknown): boolean {
  return typeName === 'Video' && fieldName === 'assets' && isRemoved(source);
}

function isRemoved(source: unknown): boolean {
  return typeof source === 'object' && source !== null && 'removed' in source && source.removed === true;
}
