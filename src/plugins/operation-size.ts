// Measures the operations of a document, with every fragment spread expanded. It is not a plugin and refuses nothing.
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

export type Size = {
  /** Levels of nested fields. */
  readonly depth: number;
  /** Fields at the top level of an operation; 0 for a fragment. */
  readonly rootFields: number;
  readonly fields: number;
  readonly aliases: number;
  /** The most at one location. */
  readonly directives: number;
};

type Executable = OperationDefinitionNode | FragmentDefinitionNode;

const NOTHING: Size = { depth: 0, rootFields: 0, fields: 0, aliases: 0, directives: 0 };

export type Measured = { readonly definition: Executable; readonly size: Size };

/** The size of each operation and each fragment: validation of an unused fragment costs as much. */
export function measureDocument({ definitions }: DocumentNode): Measured[] {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  // Measures each definition once: fragments that each spread the next one twice would take exponential time.
  const sizes = new Map<Executable, Size>();

  function measure(definition: Executable): Size {
    const known = sizes.get(definition);
    if (known) return known;
    // Ends a cycle of fragments here. A validation rule of GraphQL refuses it later.
    sizes.set(definition, NOTHING);
    const variables = definition.variableDefinitions ?? [];
    const size = [definition, ...variables].reduce(withDirectives, measureSet(definition.selectionSet));
    sizes.set(definition, size);
    return size;
  }

  function measureSet(set: SelectionSetNode | undefined): Size {
    return (set?.selections ?? []).map(measureSelection).reduce(add, NOTHING);
  }

  function measureSelection(selection: SelectionNode): Size {
    if (selection.kind === Kind.FIELD) {
      const inside = measureSet(selection.selectionSet);
      const field = {
        ...inside,
        depth: inside.depth + 1,
        rootFields: 1,
        fields: inside.fields + 1,
        aliases: inside.aliases + (selection.alias ? 1 : 0),
      };
      return withDirectives(field, selection);
    }
    if (selection.kind === Kind.INLINE_FRAGMENT)
      return withDirectives(measureSet(selection.selectionSet), selection);
    const fragment = fragments.get(selection.name.value);
    // A spread costs as much as a field, even of no fragment, or of one around it.
    const inside = fragment ? measure(fragment) : NOTHING;
    return withDirectives({ ...inside, fields: Math.max(inside.fields, 1) }, selection);
  }

  return definitions.flatMap((definition): Measured[] => {
    if (definition.kind === Kind.OPERATION_DEFINITION) return [{ definition, size: measure(definition) }];
    if (definition.kind !== Kind.FRAGMENT_DEFINITION) return [];
    return [{ definition, size: { ...measure(definition), rootFields: 0 } }];
  });
}

function add(one: Size, other: Size): Size {
  return {
    depth: Math.max(one.depth, other.depth),
    rootFields: one.rootFields + other.rootFields,
    fields: one.fields + other.fields,
    aliases: one.aliases + other.aliases,
    directives: Math.max(one.directives, other.directives),
  };
}

function withDirectives(size: Size, { directives = [] }: { readonly directives?: readonly unknown[] }): Size {
  return { ...size, directives: Math.max(size.directives, directives.length) };
}
