package images_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/distribution/distribution/v3/configuration"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/regctl/regctl/pkg/images"
	"github.com/stretchr/testify/require"
)

// referrer is an OCI image whose subject is another manifest.
func referrer(t *testing.T, subject partial.Describable) v1.Image {
	t.Helper()
	d, err := partial.Descriptor(subject)
	require.NoError(t, err)
	layer, err := random.Layer(300, types.OCILayer)
	require.NoError(t, err)
	img, err := mutate.AppendLayers(mutate.MediaType(empty.Image, types.OCIManifestSchema1), layer)
	require.NoError(t, err)
	img = mutate.ConfigMediaType(img, "application/vnd.example.signature")
	return mutate.Subject(img, *d).(v1.Image)
}

// signed pushes an index with a signature on one of its images, an SBOM on the
// index, a signature of the SBOM, and an old cosign signature by tag.
func signed(t *testing.T, s *server, repo string) (idx v1.ImageIndex, sigs []v1.Image, cosign string) {
	t.Helper()
	idx = indexOf(t, "linux/amd64", "linux/arm64")
	im, err := idx.IndexManifest()
	require.NoError(t, err)
	member, err := idx.Image(im.Manifests[1].Digest)
	require.NoError(t, err)
	rt := remote.WithTransport(s.Client().Transport)
	require.NoError(t, remote.WriteIndex(s.ref(t, repo+":v1"), idx, rt))
	sbom := referrer(t, idx)
	sigs = []v1.Image{referrer(t, member), sbom, referrer(t, sbom)}
	for _, sig := range sigs {
		require.NoError(t, remote.Write(s.ref(t, repo+"@"+digestOf(t, sig)), sig, rt))
	}
	cosign = strings.Replace(digestOf(t, idx), ":", "-", 1) + ".sig"
	require.NoError(t, remote.Write(s.ref(t, repo+":"+cosign), imageFor(t, "linux/amd64"), rt))
	return idx, sigs, cosign
}

// referring lists what a registry says refers to a digest.
func referring(t *testing.T, s *server, repo, digest string) (all []string) {
	t.Helper()
	idx, err := remote.Referrers(s.ref(t, repo+"@"+digest).(name.Digest), remote.WithTransport(s.Client().Transport))
	require.NoError(t, err)
	im, err := idx.IndexManifest()
	require.NoError(t, err)
	for _, d := range im.Manifests {
		all = append(all, d.Digest.String())
	}
	return all
}

func TestCopyWholeWithReferrers(t *testing.T) {
	kinds := map[string]func(*testing.T, ...func(*configuration.Configuration)) *server{"fallback": distribution, "api": withReferrers}
	for from, makeSrc := range kinds {
		for to, makeDst := range kinds {
			t.Run(from+" to "+to, func(t *testing.T) {
				src, dst := makeSrc(t), makeDst(t)
				idx, sigs, cosign := signed(t, src, "demo/app")
				res, err := client(src, dst).Copy(t.Context(), src.ref(t, "demo/app:v1"), dst.ref(t, "prod/app:v1"), images.CopyOptions{Referrers: true})
				require.NoError(t, err)
				require.Equal(t, 4, res.Referrers)
				require.Equal(t, dst.host+"/prod/app:v1@"+digestOf(t, idx), res.Ref)
				got, err := remote.Index(dst.ref(t, "prod/app:v1"), remote.WithTransport(dst.Client().Transport))
				require.NoError(t, err)
				readIndex(t, got)
				require.Contains(t, referring(t, dst, "prod/app", digestOf(t, idx)), digestOf(t, sigs[1]))
				require.Equal(t, []string{digestOf(t, sigs[2])}, referring(t, dst, "prod/app", digestOf(t, sigs[1])))
				im, err := idx.IndexManifest()
				require.NoError(t, err)
				require.Equal(t, []string{digestOf(t, sigs[0])}, referring(t, dst, "prod/app", im.Manifests[1].Digest.String()))
				pulled(t, dst, "prod/app:"+cosign)
				pulled(t, dst, "prod/app@"+digestOf(t, sigs[2]))
			})
		}
	}
}

func TestCopyAlone(t *testing.T) {
	s := distribution(t)
	idx, _, _ := signed(t, s, "demo/app")
	arm := platform(t, "linux/arm64")
	res, err := client(s).Copy(t.Context(), s.ref(t, "demo/app:v1"), s.ref(t, "prod/app:v1"), images.CopyOptions{Platform: &arm})
	require.NoError(t, err)
	im, err := idx.IndexManifest()
	require.NoError(t, err)
	require.Equal(t, im.Manifests[1].Digest.String(), res.Digest)
	tags, err := client(s).Tags(t.Context(), s.ref(t, "prod/app").Context())
	require.NoError(t, err)
	require.Equal(t, []string{"v1"}, tags)
}

func TestCopyInsideARegistryMovesNoBlob(t *testing.T) {
	s := distribution(t)
	pushTo(t, s, "demo/app:v1", imageFor(t, "linux/amd64"))
	s.forget()
	c, told := client(s), &steps{}
	c.Progress = told
	res, err := c.Copy(t.Context(), s.ref(t, "demo/app:v1"), s.ref(t, "prod/app:v1"), images.CopyOptions{Referrers: true})
	require.NoError(t, err)
	require.Zero(t, s.called("PATCH"))
	require.Zero(t, s.called("GET /v2/demo/app/blobs/"))
	require.Equal(t, 3, told.count(images.Mounted))
	require.Equal(t, res.Size, res.Transferred+res.Skipped)
	pulled(t, s, "prod/app:v1")
}

func TestCopyOverABrokenLine(t *testing.T) {
	src, dst := distribution(t), distribution(t)
	img, _, _ := bigImage(t)
	pushTo(t, src, "big:v1", img)
	src.answer(src.brokenAfter(1 << 20))
	_, err := client(src, dst).Copy(t.Context(), src.ref(t, "big:v1"), dst.ref(t, "big:v1"), images.CopyOptions{Referrers: true})
	require.NoError(t, err)
	pulled(t, dst, "big:v1")
}

func TestCopyOutlivesDeletedReferrers(t *testing.T) {
	src, dst := distribution(t), distribution(t)
	_, sigs, _ := signed(t, src, "demo/app")
	require.NoError(t, client(src).Delete(t.Context(), src.ref(t, "demo/app@"+digestOf(t, sigs[0])).(name.Digest)))
	res, err := client(src, dst).Copy(t.Context(), src.ref(t, "demo/app:v1"), dst.ref(t, "app:v1"), images.CopyOptions{Referrers: true})
	require.NoError(t, err)
	require.Equal(t, 3, res.Referrers)
}

func TestUnknown(t *testing.T) {
	s := distribution(t)
	pushTo(t, s, "demo/app:v1", imageFor(t, "linux/amd64"))
	_, err := client(s).Image(t.Context(), s.ref(t, "demo/app:v2"))
	require.EqualError(t, err, s.host+"/demo/app:v2: tag not found")
	isKind(t, err, images.UnknownTag, s.host+"/demo/app")
	require.ErrorIs(t, err, images.ErrUnknown)
	_, err = client(s).Image(t.Context(), s.ref(t, "demo/app@"+someDigest))
	require.EqualError(t, err, s.host+"/demo/app@"+someDigest+": digest not found")
	_, err = client(s).Image(t.Context(), s.ref(t, "demo/ap:v1"))
	require.EqualError(t, err, s.host+"/demo/ap: repository not found")
	isKind(t, err, images.UnknownRepository, s.host)
}

func TestNotAllowed(t *testing.T) {
	for status, want := range map[int]string{http.StatusUnauthorized: "not logged in", http.StatusForbidden: "permission denied: "} {
		s := distribution(t)
		s.answer(func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == "/v2/" {
				return false
			}
			w.WriteHeader(status)
			return true
		})
		img := open(t, layoutOf(t, imageFor(t, "linux/amd64")))
		for _, err := range []error{
			second(client(s).Push(t.Context(), img, s.ref(t, "app:v1"))),
			second(client(s).Image(t.Context(), s.ref(t, "app:v1"))),
			second(client(s).Repositories(t.Context(), s.ref(t, "app:v1").Context().Registry)),
			client(s).Delete(t.Context(), s.ref(t, "app@"+someDigest).(name.Digest)),
		} {
			require.ErrorContains(t, err, want)
			require.True(t, images.IsDenied(err))
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestReadOnlyRegistry(t *testing.T) {
	s := distribution(t, func(c *configuration.Configuration) {
		c.Storage["maintenance"]["readonly"] = map[any]any{"enabled": true}
	})
	_, err := client(s).Push(t.Context(), open(t, layoutOf(t, imageFor(t, "linux/amd64"))), s.ref(t, "app:v1"))
	require.ErrorContains(t, err, "the registry does not support this")
}

func TestListTagDelete(t *testing.T) {
	s := distribution(t)
	img := imageFor(t, "linux/amd64")
	pushTo(t, s, "demo/app:v1", img)
	pushTo(t, s, "demo/app:other", imageFor(t, "linux/amd64"))
	for _, repo := range []string{"a", "b", "c", "d", "e"} { // more than a page
		pushTo(t, s, repo+":v1", img)
	}
	c := client(s)
	repos, err := c.Repositories(t.Context(), s.ref(t, "a").Context().Registry)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b", "c", "d", "demo/app", "e"}, repos)

	repo := s.ref(t, "demo/app").Context()
	h, err := c.Tag(t.Context(), s.ref(t, "demo/app:v1"), "stable", "latest")
	require.NoError(t, err)
	require.Equal(t, digestOf(t, img), h.String())
	tags, err := c.Tags(t.Context(), repo)
	require.NoError(t, err)
	require.Equal(t, []string{"latest", "other", "stable", "v1"}, tags)
	long, err := c.Details(t.Context(), repo, append(tags, "gone"))
	require.NoError(t, err)
	require.Len(t, long, 4)
	require.Equal(t, []string{"linux/amd64"}, long[0].Platforms)
	require.Equal(t, digestOf(t, img), long[0].Digest)

	digest, same, err := c.Digest(t.Context(), s.ref(t, "demo/app:v1"))
	require.NoError(t, err)
	require.Equal(t, []string{"latest", "stable", "v1"}, same)
	require.NoError(t, c.Delete(t.Context(), digest))
	tags, err = c.Tags(t.Context(), repo)
	require.NoError(t, err)
	require.Equal(t, []string{"other"}, tags)
}

func TestDeleteDisabled(t *testing.T) {
	s := distribution(t, func(c *configuration.Configuration) { delete(c.Storage, "delete") })
	img := imageFor(t, "linux/amd64")
	pushTo(t, s, "app:v1", img)
	err := client(s).Delete(t.Context(), s.ref(t, "app@"+digestOf(t, img)).(name.Digest))
	require.ErrorContains(t, err, "read-only, or deletion is disabled")
	isKind(t, err, images.NoDeletion, s.host)
}
