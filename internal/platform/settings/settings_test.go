package settings

import (
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhatIsWrittenIsRead sets every setting to a value of its own.
func TestWhatIsWrittenIsRead(t *testing.T) {
	var s Settings
	names := []string{}
	for field, value := range reflect.ValueOf(&s).Elem().Fields() {
		names = append(names, field.Tag.Get("env"))
		if value.Kind() == reflect.String {
			value.SetString("of " + field.Name)
		} else {
			value.Set(reflect.ValueOf(Secret{Object: "secret", Key: field.Name}))
		}
	}
	written := Write(s)
	require.Equal(t, s, Read(written))
	slices.Reverse(written)
	require.Equal(t, s, Read(written), "in any order")
	for i, v := range Write(s) {
		require.Equal(t, names[i], v.Name, "the order is the table's")
	}
	slices.Sort(names)
	require.Len(t, slices.Compact(names), len(written), "each setting has a variable of its own")
	require.NotContains(t, names, "")
}

func TestWhatIsNotSetIsNotWritten(t *testing.T) {
	require.Empty(t, Write(Settings{}))
	require.Equal(t, []Variable{{"REGISTRY_HTTP_ADDR", Secret{Text: ":5000"}}, {"REGISTRY_HTTP_SECRET", Secret{Object: "o", Key: "k"}}},
		Write(Settings{HTTPSecret: Secret{Object: "o", Key: "k"}, Addr: ":5000"}))
}

func TestTheFirstOneThatIsSetCounts(t *testing.T) {
	s := Read([]Variable{{"REGISTRY_HTTP_ADDR", Secret{}}, {"REGISTRY_HTTP_ADDR", Secret{Text: "a"}}, {"REGISTRY_HTTP_ADDR", Secret{Text: "b"}}, {"OTHER", Secret{Text: "c"}}})
	require.Equal(t, Settings{Addr: "a"}, s)
	s = Read([]Variable{{"REGISTRY_STORAGE_S3_BUCKET", Secret{Object: "s", Key: "bucket"}}, {"REGISTRY_CONFIGURATION_PATH", Secret{Object: "s", Key: "k"}}})
	require.Empty(t, s.S3Bucket, "its text is in a Secret")
	require.True(t, s.ConfigFile.Given())
}
