package secret

import (
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	"volley/catalog/datadir"
	"volley/sqlerr"
)

// Where secrets are kept, as Secret.Storage says it.
const (
	inMemory     = "memory"
	inDirectory  = "local_file"
	inConfigFile = "config_file"
)

// fileName is the file of persistent secrets in the data directory. Only its owner may
// read it.
const (
	fileName   = "secrets.json"
	fileFormat = 1
)

type secretsFile struct {
	Format  int     `json:"format"`
	Secrets []plain `json:"secrets"`
}

// Keeper has the secrets of a process. Names are unique. It is safe for concurrent
// use; a nil one is empty.
type Keeper struct {
	dir string // "": nothing persists

	mu  sync.Mutex
	set atomic.Pointer[Set]
}

// Open reads the persistent secrets of a data directory; "" is a keeper without them.
func Open(dir string) (*Keeper, error) {
	k := &Keeper{dir: dir}
	if dir == "" {
		return k, nil
	}
	path := filepath.Join(dir, fileName)
	if err := CheckMode(path); errors.Is(err, fs.ErrNotExist) {
		return k, nil
	} else if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.IOError, "could not read the secrets")
	}
	var stored secretsFile
	if err := json.Unmarshal(text, &stored); err != nil || stored.Format != fileFormat {
		return nil, sqlerr.New(sqlerr.DataCorrupted, "file of secrets \"%s\" is damaged or of another version", path)
	}
	var list []*Secret
	for _, p := range stored.Secrets {
		s := p.secret()
		s.Persistent, s.Storage = true, inDirectory
		list = append(list, &s)
	}
	k.set.Store(NewSet(list))
	return k, nil
}

// CheckMode refuses a file of secrets that others than its owner may read or write. A
// missing one is fs.ErrNotExist.
func CheckMode(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return sqlerr.Wrap(err, sqlerr.IOError, "could not read the secrets")
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0 {
		return sqlerr.New(sqlerr.InsufficientPrivilege, "file of secrets \"%s\" may be read by others", path).
			WithHint("Its permissions should be u=rw (0600) or less.")
	}
	return nil
}

// Set gives the secrets as they are now.
func (k *Keeper) Set() *Set {
	if k == nil {
		return nil
	}
	return k.set.Load()
}

// Configure adds a secret of the configuration. It cannot be dropped or replaced.
func (k *Keeper) Configure(s Secret) error {
	s.Persistent, s.Storage = false, inConfigFile
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.find(s.Name) != nil {
		return exists(s.Name)
	}
	k.set.Store(NewSet(append(slices.Clone(k.Set().List()), &s)))
	return nil
}

// Create adds a secret, or takes the place of the one of the same name (42710 when it
// must not). Persistent ones are on disk when it returns.
func (k *Keeper) Create(s Secret, replace bool) error {
	s.Storage = inMemory
	if s.Persistent {
		s.Storage = inDirectory
		if k.dir == "" {
			return sqlerr.New(sqlerr.ObjectNotInState, "persistent secrets need a data directory").
				WithHint("Start the server with --data-dir, or create a temporary secret.")
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	old := k.find(s.Name)
	if old != nil && (!replace || old.Storage == inConfigFile) {
		return exists(s.Name)
	}
	list := slices.DeleteFunc(slices.Clone(k.Set().List()), func(o *Secret) bool { return o == old })
	list = append(list, &s)
	if s.Persistent || old != nil && old.Persistent {
		if err := k.write(list); err != nil {
			return err
		}
	}
	k.set.Store(NewSet(list))
	return nil
}

func exists(name string) error {
	return sqlerr.New(sqlerr.DuplicateObject, "secret \"%s\" already exists", name)
}

// Drop removes a secret (42704 when there is none), if persistent says so only one
// that is persistent, or is not.
func (k *Keeper) Drop(name string, persistent *bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	old := k.find(name)
	switch {
	case old == nil, persistent != nil && *persistent != old.Persistent:
		return sqlerr.New(sqlerr.UndefinedObject, "secret \"%s\" does not exist", name)
	case old.Storage == inConfigFile:
		return sqlerr.New(sqlerr.InsufficientPrivilege, "secret \"%s\" is of the configuration and cannot be dropped", name)
	}
	list := slices.DeleteFunc(slices.Clone(k.Set().List()), func(o *Secret) bool { return o == old })
	if old.Persistent {
		if err := k.write(list); err != nil {
			return err
		}
	}
	k.set.Store(NewSet(list))
	return nil
}

func (k *Keeper) find(name string) *Secret {
	for _, s := range k.Set().List() {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// write replaces the file by the persistent ones of list.
func (k *Keeper) write(list []*Secret) (err error) {
	stored := secretsFile{Format: fileFormat, Secrets: []plain{}}
	for _, s := range list {
		if s.Persistent {
			stored.Secrets = append(stored.Secrets, s.plain())
		}
	}
	slices.SortFunc(stored.Secrets, func(a, b plain) int { return cmp.Compare(a.Name, b.Name) })
	text, err := json.MarshalIndent(stored, "", "  ")
	if err == nil {
		err = datadir.Replace(filepath.Join(k.dir, fileName), text)
	}
	if err != nil {
		return sqlerr.Wrap(err, sqlerr.IOError, "could not write the secrets")
	}
	return nil
}
