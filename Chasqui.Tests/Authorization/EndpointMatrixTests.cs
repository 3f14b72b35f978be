using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text;
using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Authorization;

public sealed class EndpointMatrixTests(TestServer server) : IClassFixture<TestServer>
{
    public static TheoryData<string, string, Caller, string> Endpoints => MatrixTable.Cells(Matrix.Endpoints);

    public static TheoryData<string, string, Caller, string> Pages => MatrixTable.Cells(Matrix.Pages);

    [Theory]
    [MemberData(nameof(Endpoints))]
    [MemberData(nameof(Pages))]
    public async Task AnEndpointAnswersEachCallerAsTheTableSays(string call, string body, Caller caller, string answer)
    {
        using var stage = await Stage.SetAsync(server, caller);
        using var request = await RequestAsync(stage, call, body);
        await stage.HappenAsync();
        var before = await stage.ContentsAsync();

        using var response = await SendAsync(server, stage, request);

        stage.CheckReveals(await response.Content.ReadAsStringAsync());
        await AssertAsync(answer, response);
        if ((int)response.StatusCode >= 400)
        {
            Assert.Equal(before, await stage.ContentsAsync());
        }
    }

    internal static async Task<HttpRequestMessage> RequestAsync(Stage stage, string call, string body, string? room = null)
    {
        var (method, path) = (call.Split(' ')[0], call.Split(' ')[1]);
        return new HttpRequestMessage(new HttpMethod(method), await stage.FillAsync(path, room))
        {
            Content = body.Length == 0 ? null : new StringContent(
                await stage.FillAsync(Matrix.Bodies[body], room), Encoding.UTF8, MediaTypeNames.Application.Json),
        };
    }

    internal static async Task<HttpResponseMessage> SendAsync(TestServer server, Stage stage, HttpRequestMessage request)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            BaseAddress = new Uri(server.Url),
            // A caller that could poll another user's connection would wait for its messages.
            Timeout = RawClient.Deadline,
        };
        request.Headers.Authorization = stage.Token() is { } token ? new AuthenticationHeaderValue("Bearer", token) : null;
        return await http.SendAsync(request);
    }

    private static async Task AssertAsync(string answer, HttpResponseMessage response)
    {
        switch (answer)
        {
            case "401":
                await response.ReadProblemAsync(401, ErrorCodes.Unauthorized);
                break;
            case "403":
                await response.ReadProblemAsync(403, ErrorCodes.Forbidden);
                break;
            case "hidden":
                await response.ReadProblemAsync(404, ErrorCodes.ConversationNotFound);
                break;
            default:
                Assert.Equal(answer, $"{(int)response.StatusCode}");
                break;
        }
    }
}
