// The video of a result. That of an operation may have changed since, so it is read anew if the client asks for more than the
// outcome made certain.
import {
  GraphQLIncludeDirective,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  getDirectiveValues,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Context } from '../context.ts';
import type { Video } from '../upstream/shapes.ts';
import { isRecorded } from './item-result.ts';

/** What the outcome makes certain. */
const OF_LIVE = ['__typename', 'id', 'removed', 'removedAt', 'deletesAt'];
const OF_REMOVED = [...OF_LIVE, 'assets'];

/** The resolver of `VideoRemoved.video` and `VideoRestored.video`. */
export function resolveVideo(
  video: Video | null | undefined,
  { loaders, viewer }: Context,
  info: GraphQLResolveInfo,
) {
  if (!video || !isRecorded(video)) return video ?? null;
  const certain = video.removed ? OF_REMOVED : OF_LIVE;
  // Without the scope, every other field is FORBIDDEN, whatever a read shows.
  if (!viewer.scopes.has('videos:read')) return video;
  const selections = info.fieldNodes.map(({ selectionSet }) => selectionSet);
  if (selections.every((selection) => !selection || selectsOnly(selection, certain, info))) return video;
  return loaders.video.load(video.id);
}

function isIncluded(selection: SelectionNode, { variableValues }: GraphQLResolveInfo): boolean {
  if (getDirectiveValues(GraphQLSkipDirective, selection, variableValues)?.if === true) return false;
  return getDirectiveValues(GraphQLIncludeDirective, selection, variableValues)?.if !== false;
}

function selectsOnly(
  { selections }: SelectionSetNode,
  names: readonly string[],
  info: GraphQLResolveInfo,
): boolean {
  return selections.every((selection) => {
    if (!isIncluded(selection, info)) return true;
    if (selection.kind === Kind.FIELD) return names.includes(selection.name.value);
    const set =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection.selectionSet
        : info.fragments[selection.name.value]?.selectionSet;
    return set !== undefined && selectsOnly(set, names, info);
  });
}
