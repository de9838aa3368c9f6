// What a page with Relay asks for: a list page by page, a video that is read again, a deletion. Read by its compiler alone.
import { graphql } from 'react-relay';
export const query = graphql`
  query listQuery($first: Int!) { ...list_videos @arguments(first: $first) }
`;
export const fragment = graphql`
  fragment list_videos on Query @argumentDefinitions(first: { type: "Int", defaultValue: 25 }, after: { type: "String" }) @refetchable(queryName: "listPaginationQuery") {
    videos(first: $first, after: $after) @connection(key: "list_videos") {
      totalCount
      edges { node { id ...list_video } }
    }
  }
`;
export const video = graphql`
  fragment list_video on Video @refetchable(queryName: "listVideoRefetchQuery") { id title removed deletesAt }
`;
export const mutation = graphql`
  mutation listDeleteMutation($ids: [ID!]!) {
    deleteVideos(ids: $ids) { results { __typename videoId ... on VideoRemoved { video { id removed } } ... on VideoFailure { code } } }
  }
`;
