package hdf5

import (
	"cmp"
	"fmt"
	"path"
	"slices"
)

// Group is a folder of named groups and datasets.
type Group struct {
	attributes
	Path   string // from the root, "/" for the root itself
	f      *File
	addr   uint64
	parent *Group
	links  []link // ascending names
}

// link is a named member of a group.
type link struct {
	name string
	addr uint64 // of the object header
	kind linkKind
	at   int64 // file offset of the link itself
}

type linkKind uint8

const (
	hardLink     linkKind = 0
	softLink     linkKind = 1
	externalLink linkKind = 64
)

// group turns an object into the group that it is.
func (o *object) group(parent *Group) (*Group, error) {
	at := o.f.base + int64(o.addr)
	if o.isType {
		return nil, &Error{Path: o.path, Offset: at, Err: unsupported("a committed datatype")}
	}
	if !o.isGroup {
		return nil, &Error{Path: o.path, Offset: at, Err: malformed("neither a group nor a dataset")}
	}
	slices.SortStableFunc(o.links, func(a, b link) int { return cmp.Compare(a.name, b.name) })
	for i := 1; i < len(o.links); i++ {
		if o.links[i].name == o.links[i-1].name {
			return nil, &Error{Path: o.path, Offset: o.links[i].at, Err: malformed("two members named %q", o.links[i].name)}
		}
	}
	return &Group{
		attributes: attributes{o.path, at, o.attrs},
		Path:       o.path, f: o.f, addr: o.addr, parent: parent, links: o.links,
	}, nil
}

// Parent is the group through which this one was opened; nil for the root.
func (g *Group) Parent() *Group { return g.parent }

// Names are the names of the members in byte order.
func (g *Group) Names() []string {
	names := make([]string, len(g.links))
	for i, l := range g.links {
		names[i] = l.name
	}
	return names
}

// Has reports whether the group has a member of that name.
func (g *Group) Has(name string) bool { return g.find(name) != nil }

// Member opens the member of that name; one of the two results is nil. It is
// [ErrNotFound] when there is none, and errFormat when the member is the
// group itself or one that holds it.
func (g *Group) Member(name string) (*Group, *Dataset, error) {
	l := g.find(name)
	where := path.Join(g.Path, name)
	if l == nil {
		return nil, nil, &Error{Path: where, Offset: g.at, Err: ErrNotFound}
	}
	if err := g.follow(l); err != nil {
		return nil, nil, &Error{Path: where, Offset: l.at, Err: err}
	}
	o, err := g.f.object(where, l.addr)
	if err != nil {
		return nil, nil, err
	}
	if o.array != nil {
		return nil, &Dataset{attributes{o.path, o.array.at, o.attrs}, o.array}, nil
	}
	sub, err := o.group(g)
	return sub, nil, err
}

// Group opens a member that is a group.
func (g *Group) Group(name string) (*Group, error) {
	sub, d, err := g.Member(name)
	if d != nil {
		return nil, &Error{Path: d.Path, Offset: d.Array.at, Err: fmt.Errorf("%w: a dataset, not a group", ErrType)}
	}
	return sub, err
}

// Dataset opens a member that is a dataset.
func (g *Group) Dataset(name string) (*Dataset, error) {
	sub, d, err := g.Member(name)
	if sub != nil {
		return nil, &Error{Path: sub.Path, Offset: sub.at, Err: fmt.Errorf("%w: a group, not a dataset", ErrType)}
	}
	return d, err
}

func (g *Group) find(name string) *link {
	i, ok := slices.BinarySearchFunc(g.links, name, func(l link, name string) int { return cmp.Compare(l.name, name) })
	if !ok {
		return nil
	}
	return &g.links[i]
}

// follow reports why a link cannot be followed: it is not a hard link, or it
// leads back to a group on the way here, or too deep.
func (g *Group) follow(l *link) error {
	switch l.kind {
	case hardLink:
	case softLink:
		return unsupported("soft link")
	case externalLink:
		return unsupported("external link")
	default:
		return unsupported("link of type %d", l.kind)
	}
	depth := 0
	for up := g; up != nil; up = up.parent {
		if up.addr == l.addr {
			return malformed("cyclic link to %s", up.Path)
		}
		if depth++; depth >= maxDepth {
			return overLimit("nested more than %d deep", maxDepth)
		}
	}
	return nil
}
