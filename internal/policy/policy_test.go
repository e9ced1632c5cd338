package policy

import (
	"testing"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/stretchr/testify/require"
)

func TestRepository(t *testing.T) {
	for arg, want := range map[string][2]string{
		"web/shop": {"web", "shop"}, "web/shop:1.0": {"web", "shop"}, "web/shop@sha256:00": {"web", "shop"}, "web/a/b": {"web", "a/b"},
	} {
		project, name, err := Repository(arg)
		require.NoError(t, err, arg)
		require.Equal(t, want, [2]string{project, name}, arg)
	}
	for _, arg := range []string{"", "shop", "/shop", "web/", "web//shop", "host:5000/web/shop", "host.example/web/shop", "web/:1"} {
		_, _, err := Repository(arg)
		require.Error(t, err, arg)
	}
}

func FuzzRepository(f *testing.F) {
	f.Add("web/shop:1.0")
	f.Fuzz(func(t *testing.T, arg string) {
		project, name, err := Repository(arg)
		if err != nil {
			return
		}
		again, rest, err := Repository(project + "/" + name)
		require.NoError(t, err)
		require.Equal(t, project+"/"+name, again+"/"+rest)
	})
}

func TestEveryIntentGrantsWhatTheActionNeeds(t *testing.T) {
	for intent, action := range map[string]string{"pull": "pull", "push": "push", "admin": "delete"} {
		role, err := Role("web", intent)
		require.NoError(t, err)
		granted := map[Right]bool{}
		for _, r := range role.Object["rules"].([]any) {
			rule := r.(map[string]any)
			for _, verb := range rule["verbs"].([]any) {
				granted[Right{verb.(string), rule["resources"].([]any)[0].(string)}] = true
			}
		}
		rights, err := Needs(action)
		require.NoError(t, err)
		for _, r := range rights {
			require.True(t, granted[r], "%s grants no %s", intent, r)
		}
	}
}

func binding(name, role string, users ...string) cluster.Object {
	subjects, _ := Subjects{Users: users}.list("web")
	return cluster.Object{Object: map[string]any{
		"metadata": map[string]any{"name": name}, "roleRef": Binding{Role: role}.ref(), "subjects": subjects,
	}}
}

func TestChoose(t *testing.T) {
	all := []cluster.Object{binding("other", "edit", "alice"), binding("one", "view", "bob"), binding("two", "view", "alice")}
	alice, err := Subjects{Users: []string{"alice"}}.list("web")
	require.NoError(t, err)
	for _, c := range []struct {
		b    Binding
		want string
	}{
		{Binding{Role: "view"}, "two"}, // has alice already
		{Binding{Role: "view", Name: "one"}, "one"},
		{Binding{Role: "view", Name: "three"}, ""},
		{Binding{Role: "view", RoleNamespace: "web"}, ""},
	} {
		found, err := c.b.choose(all, alice)
		require.NoError(t, err)
		if c.want == "" {
			require.Nil(t, found)
		} else {
			require.Equal(t, c.want, found.GetName())
		}
	}
	_, err = Binding{Role: "view", Name: "other"}.choose(all, alice)
	require.ErrorContains(t, err, "for another role")
}

func TestFreeName(t *testing.T) {
	all := []cluster.Object{binding("edit", "view"), binding("edit-0", "view")}
	require.Equal(t, "edit-1", Binding{Role: "edit"}.freeName(all))
	require.Equal(t, "view", Binding{Role: "view"}.freeName(all))
	require.Equal(t, "mine", Binding{Role: "edit", Name: "mine"}.freeName(all))
}
